package quickbookstest

import "net/http"

// adminRoutes serves /_sim/.
func (s *Server) adminRoutes() http.Handler { return http.NewServeMux() }
