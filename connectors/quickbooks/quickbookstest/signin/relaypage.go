package signin

import "net/http"

const (
	backPage = `<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>QuickBooks</title></head><body>
<p>C’est fait. Revenez à la page du boîtier. S’il ne continue pas de lui-même, copiez l’adresse complète de la présente page et collez-la là où il la demande.</p>
<p lang="en">Done. Go back to the page of the box. If it does not go on by itself, copy the whole address of this page and paste it where the box asks for it.</p>
</body></html>
`
	deniedPage = `<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>QuickBooks</title></head><body>
<p>L’accès à QuickBooks a été refusé. Pour recommencer, revenez à la page du boîtier.</p>
<p lang="en">Access to QuickBooks was refused. To begin again, go back to the page of the box.</p>
</body></html>
`
	overPage = `<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>QuickBooks</title></head><body>
<p>Cette connexion a déjà servi ou date de plus de dix minutes. Recommencez à la page du boîtier.</p>
<p lang="en">This sign-in was used already or is more than ten minutes old. Begin again at the page of the box.</p>
</body></html>
`
)

// callback is the page that the person comes back to. It takes the code down for the box.
func (r *Relay) callback(c *Call, in *http.Request) *answer {
	if in.Method != http.MethodGet {
		return notAllowed(http.StatusMethodNotAllowed)
	}
	q := in.URL.Query()
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.live(q.Get("state"))
	switch {
	case known != nil && known.code != "" && known.code == q.Get("code"): // the page is loaded again
		return page(http.StatusOK, backPage)
	case known == nil || known.phase != waiting:
		a := page(http.StatusGone, overPage)
		a.reason = "state: unknown, used or over"
		return a
	case q.Get("error") == "" && (q.Get("code") == "" || q.Get("realmId") == ""):
		a := page(http.StatusBadRequest, overPage)
		a.reason = "address: code or realmId missing"
		return a
	case c.Fault == HandOverFails:
		return page(http.StatusOK, backPage)
	case q.Get("error") != "":
		known.phase, c.Done = denied, true
		return page(http.StatusOK, deniedPage)
	}
	known.phase, known.code, known.realm, c.Done = back, q.Get("code"), q.Get("realmId"), true
	return page(http.StatusOK, backPage)
}
