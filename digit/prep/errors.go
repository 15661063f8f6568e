package prep

import "cifra"

// MaxBytes is how large a file may be.
const MaxBytes = 8 << 20

func errEmpty() *cifra.Error { return cifra.E(cifra.Invalid, "error.file.empty") }
func errLarge() *cifra.Error {
	return cifra.E(cifra.TooLarge, "error.file.large", "Limit", MaxBytes>>20)
}
func errKind() *cifra.Error  { return cifra.E(cifra.Unsupported, "error.file.kind") }
func errHEIC() *cifra.Error  { return cifra.E(cifra.Unsupported, "error.file.heic") }
func errScans() *cifra.Error { return cifra.E(cifra.Impossible, "error.file.scans") }
func errSlow() *cifra.Error  { return cifra.E(cifra.Impossible, "error.file.slow") }
func errBroken(err error) *cifra.Error {
	return cifra.E(cifra.Impossible, "error.file.broken").Wrap(err)
}

// errPixels tells the size that the file claims, and what is allowed.
func (p *Preparer) errPixels(w, h int) *cifra.Error {
	return cifra.E(cifra.Impossible, "error.file.pixels",
		"MaxMegapixels", p.opt.MaxPixels/1_000_000, "Width", w, "Height", h)
}
