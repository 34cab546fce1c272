package manage

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/pectest"
)

func (p *port) clear(w http.ResponseWriter, _ *http.Request) {
	p.Circuit.Clear()
	p.Clear()
	w.WriteHeader(http.StatusNoContent)
}

type now struct {
	Time time.Time `json:"time"`
}

func (p *port) clock(w http.ResponseWriter, _ *http.Request) {
	answer(w, now{p.Circuit.Clock().Now()})
}

// advance moves the clock; what is due on the way has been done when it answers.
func (p *port) advance(w http.ResponseWriter, r *http.Request) {
	form, ok := values(w, r)
	if !ok {
		return
	}
	d, err := time.ParseDuration(form.Get("advance"))
	switch {
	case err != nil:
		fail(w, http.StatusBadRequest, "advance=%.100q is no duration such as 12h or 90m", form.Get("advance"))
		return
	case d < 0 || d > maxAdvance:
		fail(w, http.StatusBadRequest, "the clock goes forward only, by 8784h at a time")
		return
	case p.Circuit.Clock().Now().Add(d).After(p.Circuit.Anchor().NotAfter):
		fail(w, http.StatusBadRequest, "the clock goes to the end of the authority's certificate, %s", p.Circuit.Anchor().NotAfter.Format(time.RFC3339))
		return
	}
	p.Circuit.Clock().Advance(d)
	answer(w, now{p.Circuit.Clock().Now()})
}

// none takes a fault away, also one that comes with the address.
const none = "none"

var faults = []pectest.Fault{
	pectest.FaultFull, pectest.FaultNobody, pectest.FaultNoDomain, pectest.FaultVirus, pectest.FaultLate,
	pectest.FaultSilent, pectest.FaultStuck, pectest.FaultDamaged, pectest.FaultExternal,
}

type fault struct {
	Address string `json:"address"`
	Fault   string `json:"fault"`
}

func (p *port) listFaults(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := []fault{}
	for _, address := range slices.Sorted(maps.Keys(p.faults)) {
		f := string(p.faults[address])
		if f == "" {
			f = none
		}
		out = append(out, fault{address, f})
	}
	list(w, out)
}

func (p *port) setFault(w http.ResponseWriter, r *http.Request) {
	form, ok := values(w, r)
	if !ok {
		return
	}
	address, f := strings.ToLower(form.Get("address")), pectest.Fault(form.Get("fault"))
	if f == none {
		f = pectest.FaultNone
	} else if !slices.Contains(faults, f) {
		fail(w, http.StatusBadRequest, "fault=%.100q is none of %v, none", string(f), faults)
		return
	}
	if !strings.Contains(address, "@") || len(address) > maxAddress {
		fail(w, http.StatusBadRequest, "address=%.100q is no address", address)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.faults[address]; !known && len(p.faults) >= maxFaults {
		fail(w, http.StatusInsufficientStorage, "%d addresses have been given a fault; restart the box", maxFaults)
		return
	}
	p.faults[address] = f
	p.Circuit.SetFault(address, f)
	answer(w, fault{address, form.Get("fault")})
}

// arrive takes a mail from outside the circuit, as the providers' incoming points do.
func (p *port) arrive(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	mail, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxArrival))
	if err != nil {
		status := http.StatusBadRequest
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			status = http.StatusRequestEntityTooLarge
		}
		fail(w, status, "%v", err)
		return
	}
	err = p.Circuit.Arrive(query.Get("from"), query["to"], mail)
	if refused, ok := errors.AsType[*pectest.SMTPError](err); ok {
		fail(w, http.StatusUnprocessableEntity, "%d %s", refused.Code, refused.Message)
		return
	}
	if err != nil {
		fail(w, http.StatusServiceUnavailable, "%v", err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// form is the fields of a request that was made with curl -d.
type form interface{ Get(string) string }

func values(w http.ResponseWriter, r *http.Request) (form, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		fail(w, http.StatusBadRequest, "%v", err)
		return nil, false
	}
	return r.PostForm, true
}
