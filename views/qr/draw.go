package qr

// draw returns a code of a version with its patterns and nothing else.
func draw(version int) *Code {
	size := 17 + 4*version
	c := &Code{Size: size, modules: make([]bool, size*size), fixed: make([]bool, size*size)}
	for i := range size {
		c.set(6, i, i%2 == 0)
		c.set(i, 6, i%2 == 0)
	}
	c.finder(3, 3)
	c.finder(size-4, 3)
	c.finder(3, size-4)
	if version > 1 {
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				c.set(size-7+dx, size-7+dy, max(abs(dx), abs(dy)) != 1)
			}
		}
	}
	c.format(0) // its place
	return c
}

// finder is one of the three large squares, with its light rim.
func (c *Code) finder(x, y int) {
	for dy := -4; dy <= 4; dy++ {
		for dx := -4; dx <= 4; dx++ {
			if xx, yy := x+dx, y+dy; xx >= 0 && xx < c.Size && yy >= 0 && yy < c.Size {
				d := max(abs(dx), abs(dy))
				c.set(xx, yy, d != 2 && d != 4)
			}
		}
	}
}

// format writes the correction (M: 0) and the mask, protected by a BCH code, in both of their places.
func (c *Code) format(mask int) {
	rem := mask
	for range 10 {
		rem = rem<<1 ^ rem>>9*0x537
	}
	bits := (mask<<10 | rem) ^ 0x5412
	bit := func(i int) bool { return bits>>i&1 == 1 }
	for i := range 6 {
		c.set(8, i, bit(i))
	}
	c.set(8, 7, bit(6))
	c.set(8, 8, bit(7))
	c.set(7, 8, bit(8))
	for i := 9; i < 15; i++ {
		c.set(14-i, 8, bit(i))
	}
	for i := range 8 {
		c.set(c.Size-1-i, 8, bit(i))
	}
	for i := 8; i < 15; i++ {
		c.set(8, c.Size-15+i, bit(i))
	}
	c.set(8, c.Size-8, true)
}

// fill writes the data in columns of two, up and down, from the right.
func (c *Code) fill(data []byte) {
	i := 0
	for right := c.Size - 1; right >= 1; right -= 2 {
		if right == 6 {
			right = 5
		}
		for v := range c.Size {
			for j := range 2 {
				x, y := right-j, v
				if (right+1)&2 == 0 {
					y = c.Size - 1 - v
				}
				if !c.fixed[y*c.Size+x] && i < 8*len(data) {
					c.modules[y*c.Size+x] = data[i>>3]>>(7-i&7)&1 == 1
					i++
				}
			}
		}
	}
}

// mask turns modules of the data over, by one of the eight patterns.
func (c *Code) mask(n int) {
	for y := range c.Size {
		for x := range c.Size {
			var turn bool
			switch n {
			case 0:
				turn = (x+y)%2 == 0
			case 1:
				turn = y%2 == 0
			case 2:
				turn = x%3 == 0
			case 3:
				turn = (x+y)%3 == 0
			case 4:
				turn = (x/3+y/2)%2 == 0
			case 5:
				turn = x*y%2+x*y%3 == 0
			case 6:
				turn = (x*y%2+x*y%3)%2 == 0
			case 7:
				turn = ((x+y)%2+x*y%3)%2 == 0
			}
			if at := y*c.Size + x; !c.fixed[at] {
				c.modules[at] = c.modules[at] != turn
			}
		}
	}
}

// penalty tells how hard a code is to read: long runs, blocks of two by two, an unequal share of dark modules. What looks
// like a finder is left out: any mask can be read, this only chooses among them.
func (c *Code) penalty() int {
	total, dark := 0, 0
	for a := range c.Size {
		for _, at := range []func(int) bool{
			func(b int) bool { return c.Dark(b, a) },
			func(b int) bool { return c.Dark(a, b) },
		} {
			run := 0
			for b := range c.Size {
				if b > 0 && at(b) == at(b-1) {
					run++
				} else {
					run = 1
				}
				if run == 5 {
					total += 3
				} else if run > 5 {
					total++
				}
			}
		}
		for b := range c.Size {
			if c.Dark(b, a) {
				dark++
			}
			if a > 0 && b > 0 && c.Dark(b, a) == c.Dark(b-1, a) && c.Dark(b, a) == c.Dark(b, a-1) && c.Dark(b, a) == c.Dark(b-1, a-1) {
				total += 3
			}
		}
	}
	return total + abs(20*dark/(c.Size*c.Size)-10)*10
}

func abs(n int) int { return max(n, -n) }
