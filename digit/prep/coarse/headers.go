package coarse

import "encoding/binary"

// Markers (ITU-T T.81, table B.1).
const (
	markerSOF0  = 0xc0
	markerSOF1  = 0xc1
	markerDHT   = 0xc4
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

func isRestart(marker byte) bool { return marker >= markerRST0 && marker <= markerRST7 }

// headers reads everything before the scan's data, and leaves d there.
func (d *decoder) headers() error {
	if len(d.content) < 4 || d.content[0] != 0xff || d.content[1] != 0xd8 {
		return ErrOther
	}
	for d.at = 2; ; {
		if d.at+4 > len(d.content) || d.content[d.at] != 0xff {
			return ErrOther
		}
		marker := d.content[d.at+1]
		n := int(binary.BigEndian.Uint16(d.content[d.at+2:]))
		if n < 2 || d.at+2+n > len(d.content) {
			return ErrOther
		}
		segment := d.content[d.at+4 : d.at+2+n]
		d.at += 2 + n
		ok := true
		switch {
		case marker == markerSOS:
			if !d.start(segment) {
				return ErrOther
			}
			return nil
		case marker == markerSOF0, marker == markerSOF1:
			ok = d.frame(segment)
		case marker == markerDHT:
			ok = d.codes(segment)
		case marker == markerDQT:
			ok = d.quantisation(segment)
		case marker == markerDRI:
			if ok = len(segment) == 2; ok {
				d.restart = int(binary.BigEndian.Uint16(segment))
			}
		case marker == markerAPP0:
			d.jfif = d.jfif || len(segment) >= 5 && string(segment[:5]) == "JFIF\x00"
		case marker == markerAPP14:
			if len(segment) >= 12 && string(segment[:5]) == "Adobe" {
				d.adobe, d.transform = true, segment[11]
			}
		case marker > markerAPP0 && marker <= markerAPP15, marker == markerCOM:
		default:
			ok = false
		}
		if !ok {
			return ErrOther
		}
	}
}

// isFactor reports whether image/jpeg takes n as a sampling factor.
func isFactor(n int) bool { return n == 1 || n == 2 || n == 4 }

// frame reads a start-of-frame segment (B.2.2).
func (d *decoder) frame(s []byte) bool {
	if d.parts != nil || len(s) < 6 || s[0] != 8 || len(s) != 6+3*int(s[5]) {
		return false
	}
	d.height, d.width = int(binary.BigEndian.Uint16(s[1:])), int(binary.BigEndian.Uint16(s[3:]))
	if d.width == 0 || d.height == 0 || s[5] != 1 && s[5] != 3 {
		return false
	}
	for i := range int(s[5]) {
		p := part{id: s[6+3*i], h: int(s[7+3*i] >> 4), v: int(s[7+3*i] & 15), quant: int(s[8+3*i])}
		if p.quant > 3 || !isFactor(p.h) || !isFactor(p.v) {
			return false
		}
		d.parts = append(d.parts, p)
	}
	if len(d.parts) == 1 { // not interleaved: a group is one block, whatever the factors say (A.2.2)
		d.parts[0].h, d.parts[0].v = 1, 1
		return true
	}
	y, b, r := d.parts[0], d.parts[1], d.parts[2]
	return y.id != b.id && y.id != r.id && b.id != r.id && b.h == 1 && b.v == 1 && r.h == 1 && r.v == 1 &&
		(y.h == 1 || y.h == 2 || y.h == 4) && (y.v == 1 || y.v == 2)
}

// quantisation reads a segment of tables (B.2.4.1).
func (d *decoder) quantisation(s []byte) bool {
	for len(s) > 0 {
		wide, to := s[0]>>4, s[0]&15
		n := 64 * (1 + int(wide))
		if wide > 1 || to > 3 || len(s) < 1+n {
			return false
		}
		for i := range d.quant[to] {
			if wide == 1 {
				d.quant[to][i] = binary.BigEndian.Uint16(s[1+2*i:])
			} else {
				d.quant[to][i] = uint16(s[1+i])
			}
		}
		d.hasQuant[to] = true
		s = s[1+n:]
	}
	return true
}

// codes reads a segment of Huffman tables (B.2.4.2).
func (d *decoder) codes(s []byte) bool {
	for len(s) > 0 {
		if len(s) < 17 {
			return false
		}
		class, to := s[0]>>4, s[0]&15
		n := 0
		for _, v := range s[1:17] {
			n += int(v)
		}
		if class > 1 || to > 1 || n == 0 || n > 256 || len(s) < 17+n {
			return false
		}
		h := newHuffman([16]byte(s[1:17]), s[17:17+n])
		if h == nil {
			return false
		}
		if class == 0 {
			d.dc[to] = h
		} else {
			d.ac[to] = h
		}
		s = s[17+n:]
	}
	return true
}

// start reads the scan's header (B.2.3): all parts, in the frame's order.
func (d *decoder) start(s []byte) bool {
	if d.parts == nil || len(s) != 4+2*len(d.parts) || int(s[0]) != len(d.parts) {
		return false
	}
	if len(d.parts) == 3 && !d.jfif { // red, green and blue, as image/jpeg tells them
		ids := string([]byte{d.parts[0].id, d.parts[1].id, d.parts[2].id})
		if d.adobe && d.transform == 0 || ids == "RGB" {
			return false
		}
	}
	for i := range d.parts {
		p := &d.parts[i]
		dc, ac := s[2+2*i]>>4, s[2+2*i]&15
		if s[1+2*i] != p.id || dc > 1 || ac > 1 || !d.hasQuant[p.quant] {
			return false
		}
		p.dc, p.ac = d.dc[dc], d.ac[ac]
		if p.dc == nil || p.ac == nil {
			return false
		}
	}
	return true
}
