package sim

// times is a min-heap of times in ns.
type times []int64

// replaceMin puts x in the place of the smallest time.
func (h times) replaceMin(x int64) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		least := h[child]
		if right := child + 1; right < len(h) && h[right] < least {
			child, least = right, h[right]
		}
		if x <= least {
			break
		}
		h[i] = least
		i = child
	}
	h[i] = x
}

// push adds x.
func (h *times) push(x int64) {
	*h = append(*h, x)
	s := *h
	i := len(s) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if s[parent] <= x {
			break
		}
		s[i] = s[parent]
		i = parent
	}
	s[i] = x
}

// drop removes the smallest time.
func (h *times) drop() {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	if last > 0 {
		h.replaceMin(x)
	}
}

// dropUntil removes the times that are not after now.
func (h *times) dropUntil(now int64) {
	for len(*h) > 0 && (*h)[0] <= now {
		h.drop()
	}
}
