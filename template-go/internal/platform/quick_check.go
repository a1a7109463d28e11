package platform

import (
	"slices"
	"unicode/utf8"
)

// quickCheck is a schema in the form that a body is held to while it is read, once and without a copy. It answers for what
// is certainly valid; whatever else it meets, be it a fault or only an escape in a string, is left to the validator, which
// takes far longer and says what is wrong. A schema that uses more than this knows has no quick check.
type quickCheck struct {
	kind byte // what the value begins with: { [ " or 0 for an integer

	members  []quickMember // of an object, whose members are all known
	required uint64        // a bit for each

	items *quickCheck // of an array

	least, most int64 // items, characters or the integer itself

	oneOf      []string // strings that are allowed, nil for any
	noControls bool     // as the pattern says
}

type quickMember struct {
	name  string
	check *quickCheck
}

// accepts tells whether a body is JSON as parseJSON wants it and keeps to the schema, for certain.
func (q *quickCheck) accepts(body []byte) bool {
	if q == nil {
		return false
	}
	reader := &quickReader{rest: body}
	return reader.value(q) && reader.next() == 0 && len(reader.rest) == 0
}

// quickReader is what is left of a body.
type quickReader struct{ rest []byte }

// next skips white space and returns what comes then, 0 at the end.
func (r *quickReader) next() byte {
	for i, c := range r.rest {
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			r.rest = r.rest[i:]
			return c
		}
	}
	r.rest = nil
	return 0
}

// take goes past one character, if it is the next.
func (r *quickReader) take(c byte) bool {
	if r.next() != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

func (r *quickReader) value(q *quickCheck) bool {
	switch q.kind {
	case '{':
		return r.object(q)
	case '[':
		return r.array(q)
	case '"':
		text, ok := r.text()
		return ok && q.holds(text)
	default:
		return r.integer(q)
	}
}

func (r *quickReader) object(q *quickCheck) bool {
	if !r.take('{') {
		return false
	}
	seen := uint64(0)
	for !r.take('}') {
		if seen != 0 && !r.take(',') {
			return false
		}
		name, ok := r.text()
		i := slices.IndexFunc(q.members, func(m quickMember) bool { return m.name == string(name) })
		if !ok || i < 0 || seen&(1<<i) != 0 || !r.take(':') || !r.value(q.members[i].check) {
			return false
		}
		seen |= 1 << i
	}
	return seen&q.required == q.required
}

func (r *quickReader) array(q *quickCheck) bool {
	if !r.take('[') {
		return false
	}
	count := int64(0)
	for ; !r.take(']'); count++ {
		if count > 0 && !r.take(',') || count == q.most || !r.value(q.items) {
			return false
		}
	}
	return count >= q.least
}

// text takes a string without escapes.
func (r *quickReader) text() (text []byte, ok bool) {
	if !r.take('"') {
		return nil, false
	}
	for i, c := range r.rest {
		if c == '"' {
			text, r.rest = r.rest[:i], r.rest[i+1:]
			return text, utf8.Valid(text)
		}
		if c < ' ' || c == '\\' {
			break
		}
	}
	return nil, false
}

func (q *quickCheck) holds(text []byte) bool {
	length := int64(utf8.RuneCount(text))
	return length >= q.least && length <= q.most &&
		(q.oneOf == nil || slices.ContainsFunc(q.oneOf, func(one string) bool { return one == string(text) })) &&
		(!q.noControls || !slices.Contains(text, '\x7f')) // JSON has the others as escapes only
}

const (
	mostDigits = 18 // so many surely fit into 64 bits
	base       = 10
)

// integer takes a number of few digits, without fraction and exponent.
func (r *quickReader) integer(q *quickCheck) bool {
	negative := r.take('-')
	n, digits := int64(0), 0
	for _, c := range r.rest {
		if c < '0' || c > '9' || digits == mostDigits {
			break
		}
		n = n*base + int64(c-'0')
		digits++
	}
	if digits == 0 || r.rest[0] == '0' && (digits > 1 || negative) { // JSON has no 007, and -0 is for others to judge
		return false
	}
	r.rest = r.rest[digits:] // a fraction, an exponent or one digit more is nothing that may come next
	if negative {
		n = -n
	}
	return n >= q.least && n <= q.most
}
