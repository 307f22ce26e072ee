# Chooses the slot, counts its tries, checks its parts, starts it. Never stops at a prompt.
# State: package ota/bootstate. Run by U-Boot's own boot command on a board, by bootcmd of the
# prepared environment under QEMU. The branch for a board (mmc) has run on an emulated Pi 3 only. It names no console:
# the kernel takes the serial line that the board's device tree names (stdout-path), which has the pins of the header.

# Addresses: S, T both copies of the state, C a checksum, K kernel, I initrd, D device tree.
if test "${devtype}" = "mmc"; then
  mmc dev ${devnum}; setenv S 0x05000000; setenv C 0x05002000; setenv D 0x05100000; setenv K ${kernel_addr_r}; setenv I 0x08000000; setenv con; setenv F ${fdt_addr}
else
  setenv devtype virtio; setenv devnum 0; setenv S 0x41000000; setenv C 0x41002000; setenv K ${kernel_addr_r}; setenv I 0x48000000; setenv con console=ttyAMA0; setenv F ${fdtcontroladdr}
fi
setenv fdt_high; setenv initrd_high
setexpr T ${S} + 0x1000

# U-Boot's crc32 leaves its sum in memory in one byte order in its build for QEMU and in the other one
# in that for the boards: the sum of four zero bytes tells. "run sum" reads it into v, the same for both.
mw.l ${C} 0 1; crc32 ${C} 4 ${C}; setexpr.l v *${C}
if test "${v}" = "1cdf4421"; then
  setenv sum "setexpr.l v *${C}"
else
  setexpr c1 ${C} + 1; setexpr c2 ${C} + 2; setexpr c3 ${C} + 3
  setexpr e0 ${C} + 10; setexpr e1 ${C} + 11; setexpr e2 ${C} + 12; setexpr e3 ${C} + 13
  setenv sum "cp.b ${C} ${e3} 1; cp.b ${c1} ${e2} 1; cp.b ${c2} ${e1} 1; cp.b ${c3} ${e0} 1; setexpr.l v *${e0}"
fi

# The newest valid copy; without one slot a, nothing checked. "env export" takes ten variables at most.
setenv V "seq good try tries failed ka ia kb ib d"
setenv s1 0; setenv s2 0
if ${devtype} read ${S} 800 1; then if env import -c ${S} 200 seq; then setenv s1 ${seq}; fi; fi
if ${devtype} read ${T} 1000 1; then if env import -c ${T} 200 seq; then setenv s2 ${seq}; fi; fi
setenv seq 0; setenv good a; setenv try -; setenv tries 0; setenv failed -; setenv ka; setenv ia; setenv kb; setenv ib; setenv d; setenv wblk 800
if itest ${s1} -gt ${s2}; then
  env import -c ${S} 200 ${V}; setenv wblk 1000
else
  if itest ${s2} -gt 0; then env import -c ${T} 200 ${V}; fi
fi
# Whatever the state says, one of the two slots is good.
if test "${good}" != "b"; then setenv good a; fi
# d has the sums of both device trees, "-" for one that is not known.
setenv da -; setenv db -; setenv n a
for x in ${d}; do
  if test "${n}" = "a"; then setenv da ${x}; setenv n b; else setenv db ${x}; fi
done
echo AB: s1=${s1} s2=${s2} good=${good} try=${try} tries=${tries}

# A trial takes one of its tries, or is over. Only then is something written.
setenv slot ${good}
if test "${try}" != "-"; then
  if itest ${tries} -gt 0; then
    setexpr tries ${tries} - 1; setenv slot ${try}
  else
    setenv failed ${try}; setenv try -; echo AB: ROLLBACK to ${good}
  fi
  setexpr seq ${seq} + 1
  env export -c -s 200 ${S} ${V}
  ${devtype} write ${S} ${wblk} 1
fi

# The chosen slot, then the other one, in the same power-on.
setenv order "${slot} ${good}"
if test "${slot}" = "${good}"; then if test "${good}" = "a"; then setenv order "a b"; else setenv order "b a"; fi; fi
for s in ${order}; do
  if test "${s}" = "b"; then setenv p 3; setenv kc ${kb}; setenv ic ${ib}; setenv dc ${db}; else setenv p 2; setenv kc ${ka}; setenv ic ${ia}; setenv dc ${da}; fi
  setenv go 0
  echo AB: slot ${s} part ${p}
  if load ${devtype} ${devnum}:${p} ${K} vmlinuz; then
    crc32 ${K} ${filesize} ${C}; run sum
    if test -z "${kc}"; then setenv kc ${v}; fi
    if test "${v}" = "${kc}"; then
      if load ${devtype} ${devnum}:${p} ${I} initrd; then
        setenv isz ${filesize}; crc32 ${I} ${filesize} ${C}; run sum
        if test -z "${ic}"; then setenv ic ${v}; fi
        if test "${v}" = "${ic}"; then setenv go 1; fi
      fi
    fi
  fi
  # On a board: the slot's own device tree. Where its sum is not known and there is no such file,
  # the firmware's (from p1) does.
  if test "${go}" = "1"; then
    if test "${devtype}" = "mmc"; then
      setenv F ${fdt_addr}
      if load ${devtype} ${devnum}:${p} ${D} ${fdtfile}; then
        crc32 ${D} ${filesize} ${C}; run sum
        if test "${dc}" = "-"; then setenv dc ${v}; fi
        if test "${v}" = "${dc}"; then setenv F ${D}; else setenv go 0; fi
      else
        if test "${dc}" != "-"; then setenv go 0; fi
      fi
    fi
  fi
  if test "${go}" = "1"; then
    setenv bootargs "${con} quiet panic=1 oops=panic sb.slot=${s} sb.try=${try} sb.failed=${failed}"
    booti ${K} ${I}:${isz} ${F}
  fi
  echo AB: slot ${s} REJECTED
done
reset
