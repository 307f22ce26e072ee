package vm_test

import (
	"fmt"
	"strings"

	"syncbox/connectors/share/sharetest"
)

// smbPassword has what a mount option string must escape.
const smbPassword = "pa,ss word"

// mountOptions gives the options of the mount call for a share of s; protect is sign or seal.
func mountOptions(s *sharetest.Samba, share, protect string) string {
	return fmt.Sprintf(`ip=10.0.2.2,port=%d,unc=\\10.0.2.2\%s,vers=3.1.1,sec=ntlmssp,user=%s,domain=LABGRP,pass=%s,`+
		`soft,nobrl,cache=none,actimeo=0,closetimeo=0,nolease,nohandlecache,echo_interval=10,nosharesock,%s,ro,`+
		`rsize=1048576,noperm,uid=0,gid=0,file_mode=0444,dir_mode=0555,iocharset=utf8`,
		s.Port, share, sharetest.UserBox, strings.ReplaceAll(smbPassword, ",", ",,"), protect)
}
