package kernel

// Module roots by what the box needs them for; their dependencies come with Closure.
var (
	// VirtNet is the network card of QEMU's virt machine, on either of its buses.
	VirtNet = []string{"virtio_mmio", "virtio_pci", "virtio_net"}
	// VirtDisk is its disk, VirtWatchdog its watchdog.
	VirtDisk     = []string{"virtio_mmio", "virtio_blk"}
	VirtWatchdog = []string{"i6300esb"}
	// virtUSB is the host controller that can be added to it; the Pi 4 has one of the kind, too.
	virtUSB = []string{"xhci_pci"}
	// ext4 reads the data partition; it asks for crc32c only once it mounts.
	ext4 = []string{"crc32c_generic", "ext4"}
	// vfat reads a slot or a stick, with the code page and the character set that it has by default.
	vfat = []string{"vfat", "nls_cp437", "nls_ascii", "nls_iso8859_1"}
	// SMB is the kernel's SMB client: the crypto it asks for by name, then cifs itself.
	SMB = []string{
		"ecb", "cmac", "ccm", "gcm", "ctr", "seqiv", "ghash_generic", "sha512_arm64", "sha512_generic",
		"nls_utf8", "cifs",
	}
	// stick is a USB stick, serialUSB the common serial adapters.
	stick     = []string{"usb_storage", "uas", "sd_mod", "exfat"}
	serialUSB = []string{"ftdi_sio", "pl2303", "cp210x", "ch341", "cdc_acm"}
	// piDisk is the card or eMMC of a Raspberry Pi.
	piDisk     = []string{"sdhci_iproc", "bcm2835"}
	piWatchdog = []string{"bcm2835_wdt"}
	// pi4Net is the network card of the Pi 4 and CM4. Those of the Pi 3 hang on USB: pi3Net.
	pi4Net = []string{"mdio_bcm_unimac", "broadcom", "genet"}
	pi3Net = []string{"smsc", "smsc95xx", "microchip", "lan78xx"}
	// piUSB is the host controller: that of the Pi 4, then that of the others.
	piUSB = []string{"reset_raspberrypi", "xhci_pci", "phy_generic", "dwc2"}
	// piChip is what else the chip has: randomness, its temperature.
	piChip = []string{"iproc_rng200", "bcm2835_rng", "bcm2835_thermal"}
	// piCrypto is the crypto of the ARM's vector unit, faster on a board and slower when emulated.
	piCrypto = []string{"aes_neon_blk", "aes_neon_bs", "sha256_arm64"}
)

// What is loaded when, each in load order.
var (
	// virt is all that QEMU's virt machine has.
	virt = concat(VirtDisk, VirtNet, VirtWatchdog)
	// Pi is all that the Raspberry Pi 3, 4 and CM4 have.
	Pi = concat(piDisk, piWatchdog, pi4Net, piUSB, pi3Net, piChip, piCrypto, serialUSB)
	// Start is what a box needs before anything else: its card and network, whatever the board. A Pi loads Pi besides.
	Start = concat(virt, ext4)
	// Sticks is what a USB stick needs, once the box runs. The SMB group comes last, when the network was tried.
	Sticks = concat(virtUSB, vfat, stick)
)

func concat(groups ...[]string) []string {
	var all []string
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}
