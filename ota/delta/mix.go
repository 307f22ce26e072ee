package delta

// Mixing of predictions in the logistic domain, as M. Mahoney described it ("Adaptive Weighing of Context Models for
// Lossless Data Compression", 2005). All in whole numbers, so that every machine gives the same bits.

// curve is 65536/(1+exp(-x)) for x from -12 to 12 in steps of a half.
var curve = [49]int32{
	1, 1, 1, 2, 3, 5, 8, 13, 22, 36, 60, 98, 162, 267, 439, 720, 1179, 1921, 3108, 4971, 7812, 11955, 17625, 24743, 32768,
	40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357, 64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514, 65523,
	65528, 65531, 65533, 65534, 65535, 65535, 65535,
}

const steep = 12 << 8 // the end of the logistic domain, whose unit is 1/256

// squash gives a probability of 65536 for a point of the logistic domain.
func squash(x int32) uint32 {
	x = min(max(x, -steep), steep-1) + steep
	i, part := x>>7, x&127
	return uint32(curve[i] + (curve[i+1]-curve[i])*part>>7)
}

// stretches is the inverse of squash, for probabilities of 4096.
var stretches = func() (s [4096]int16) {
	x := int32(-steep)
	for i := range s {
		for x < steep-1 && squash(x) < uint32(i)<<4+8 {
			x++
		}
		s[i] = int16(x)
	}
	return s
}()

// mixer weighs the predictions of inputs cells; it has a set of weights for each of sets situations.
type mixer struct {
	inputs  int
	weights []int32 // 65536 is 1
	cells   []*cell
	x       []int32
	limit   uint32 // of the cells' counts
	rate    int32
}

func newMixer(inputs, sets int, limit uint32, rate int32) *mixer {
	m := &mixer{inputs: inputs, weights: make([]int32, inputs*sets), cells: make([]*cell, inputs), x: make([]int32, inputs), limit: limit, rate: rate}
	m.reset()
	return m
}

func (m *mixer) reset() {
	for i := range m.weights {
		m.weights[i] = int32(65536 * 2 / 5)
		if m.inputs <= 3 {
			m.weights[i] = int32(65536 * 3 / 5)
		}
	}
}

// code codes a bit by m.cells, in the situation set.
func (m *mixer) code(c *coder, set, bit int) int {
	w := m.weights[set*m.inputs:][:m.inputs]
	var sum int64
	for i, cell := range m.cells {
		m.x[i] = int32(stretches[uint32(*cell)>>20])
		sum += int64(m.x[i]) * int64(w[i])
	}
	p := min(max(squash(int32(min(max(sum>>16, -steep), steep))), 1), 65535)
	bit = c.bit(p, bit)
	miss := (int32(bit)<<16 - int32(p)) * m.rate
	for i, cell := range m.cells {
		w[i] = min(max(w[i]+int32(int64(m.x[i])*int64(miss)>>20), -1<<20), 1<<20)
		cell.learn(bit, m.limit)
	}
	return bit
}
