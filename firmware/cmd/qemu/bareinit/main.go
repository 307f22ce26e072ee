// Command bareinit is a process 1 that does nothing but say that it is there and how much memory is used, so that the box
// can be measured beside the bare kernel.
package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"syncbox/firmware/internal/usage"
)

func main() {
	fmt.Print("bareinit: there\r\n")
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		fmt.Print("bareinit: ", err, "\r\n")
	}
	used, err := usage.Read(os.DirFS("/proc"))
	fmt.Printf("bareinit: total_kib=%d available_kib=%d err=%v\r\n", used.Total, used.Available, err)
	for {
		_ = unix.Pause() // ends with a signal, and nobody sends one
	}
}
