package ipa

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ClientOptions says how the web services are called. The zero value is what
// most want.
type ClientOptions struct {
	// HTTP sends the requests; nil is a client with a timeout of 5 s for
	// connections. Its redirect policy is not used: requests carry the AUTH_ID
	// and go nowhere else.
	HTTP *http.Client
	// BaseURL is where the services are; "" is https://www.indicepa.gov.it/ws/.
	// Anything but https is refused, except on this machine.
	BaseURL string
	// Timeout is that of one try; 0 is 10 s.
	Timeout time.Duration
	// Tries is how often a request is sent when it fails for a technical
	// reason (429, 500, 502, 503, 504, network); 0 is 3.
	Tries int
	// Interval is the time between two requests of this client to one host; 0
	// is 500 ms, negative is none.
	Interval time.Duration
	// UserAgent names the program and whom to write to.
	UserAgent string
	// Logger gets the service, the try and the time each took at level debug;
	// no parameters. nil logs nothing.
	Logger *slog.Logger
}

// What a call can return beside [*UpstreamError] and errors of the context.
var (
	ErrNoAuthID  = errors.New("ipa: no AUTH_ID: the web services give one free of charge on indicepa.gov.it")
	ErrAuth      = errors.New("ipa: the AUTH_ID is not accepted")
	ErrParameter = errors.New("ipa: a parameter is not accepted")
	ErrService   = errors.New("ipa: no such web service")
)

// ServiceError is a refusal by the service itself: cod_err other than 0.
type ServiceError struct {
	Service     Service
	Code        int    // cod_err
	Description string // desc_err, as sent; not made printable
}

// Error gives service, code and meaning.
func (e *ServiceError) Error() string {
	meaning := faults[e.Code]
	if meaning == "" {
		meaning = "undocumented code"
	}
	s := fmt.Sprintf("ipa: %s: error %d: %s", e.Service, e.Code, meaning)
	if e.Description != "" {
		s += ": " + e.Description
	}
	return s
}

// Is makes errors.Is work with [ErrAuth] and [ErrParameter].
func (e *ServiceError) Is(target error) bool {
	switch target {
	case ErrAuth:
		return e.Code >= 900 && e.Code <= 902
	case ErrParameter:
		return e.Code >= 1 && e.Code <= 72
	}
	return false
}

// maxReply bounds a reply of a web service, after decompression.
const maxReply = 1 << 20

// Client calls IPA's web services. It may be used by several goroutines, and
// keeps its requests apart by the interval of its options. It holds the AUTH_ID
// where printing the Client does not show it.
type Client struct {
	authID  func() string // a function, since package fmt prints any other field
	base    string
	timeout time.Duration
	r       *requester
}

// NewClient returns a Client. An AUTH_ID is given free of charge to everybody
// who asks for one on IPA's site; it is personal and to be kept secret.
func NewClient(authID string, o *ClientOptions) (*Client, error) {
	if o == nil {
		o = &ClientOptions{}
	}
	authID = strings.TrimSpace(authID)
	if authID == "" {
		return nil, ErrNoAuthID
	}
	base := o.BaseURL
	if base == "" {
		base = "https://www.indicepa.gov.it/ws/"
	}
	if err := checkBase(base); err != nil {
		return nil, err
	}
	c := &Client{authID: func() string { return authID }, base: strings.TrimSuffix(base, "/") + "/", timeout: o.Timeout,
		r: newRequester(o.HTTP, o.UserAgent, o.Tries, o.Interval, o.Logger, noRedirect)}
	if c.timeout <= 0 {
		c.timeout = 10 * time.Second
	}
	return c, nil
}

// checkBase refuses addresses to which a secret, or a question, would go
// unprotected.
func checkBase(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return fmt.Errorf("ipa: not a base URL: %q", base)
	}
	local := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	if u.Scheme != "https" && !(u.Scheme == "http" && local) {
		return fmt.Errorf("ipa: the base URL must be https: %q", base)
	}
	return nil
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// String names the client, without the AUTH_ID.
func (c *Client) String() string { return "ipa.Client(" + c.base + ")" }

// Parameters are those of a web service, by their name such as COD_AMM.
type Parameters map[string]string

// Call calls any service. "Nothing found" is a Reply without items and no
// error. Errors: [ErrService], [ErrParameter], [ErrAuth] ([*ServiceError]
// where the service said so), [*UpstreamError], that of the context.
func (c *Client) Call(ctx context.Context, service Service, p Parameters) (*Reply, error) {
	spec, ok := services[service]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrService, service)
	}
	form := url.Values{"AUTH_ID": {c.authID()}}
	for _, name := range spec.required {
		if strings.TrimSpace(p[name]) == "" {
			return nil, fmt.Errorf("%w: %s needs %s", ErrParameter, service, name)
		}
	}
	for name, v := range p {
		if !slices.Contains(spec.required, name) && !slices.Contains(spec.optional, name) {
			return nil, fmt.Errorf("%w: %s does not take %s", ErrParameter, service, name)
		}
		if v = strings.TrimSpace(v); v != "" {
			form.Set(name, v)
		}
	}
	var reply *Reply
	err := c.r.do(ctx, attempt{
		operation: service.String(), timeout: c.timeout,
		request: func(ctx context.Context) (*http.Request, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+spec.path(), strings.NewReader(form.Encode()))
			if err != nil {
				return nil, err
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Accept", "application/json")
			return req, nil
		},
		reply: func(resp *http.Response, _ int) (err error) {
			reply, err = c.read(service, resp)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return reply, nil
}

// read decodes a reply.
func (c *Client) read(service Service, resp *http.Response) (*Reply, error) {
	body, err := io.ReadAll(&boundedBody{r: resp.Body, limit: maxReply})
	if err != nil {
		return nil, err
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 {
		// QUIRK: so the services answer when a parameter holds a character
		// that they do not allow.
		return nil, &final{fmt.Errorf("%w: %s: an empty reply, as for a forbidden character", ErrParameter, service)}
	}
	switch t := mediaType(resp); {
	case body[0] == '<':
		return nil, &UpstreamError{Err: ErrContentType, Detail: "a web page"}
	case t != "" && !strings.HasSuffix(t, "json") && !strings.HasPrefix(t, "text/"):
		// QUIRK: PHP's default is text/html, also for JSON.
		return nil, &UpstreamError{Err: ErrContentType, Detail: cut(c.hide(t), 60)}
	}
	reply, code, description, err := decodeReply(body)
	if err != nil {
		return nil, &UpstreamError{Err: ErrReply, Detail: cut(c.hide(err.Error()), 60)}
	}
	if code != 0 {
		return nil, &final{&ServiceError{service, code, cut(c.hide(description), 200)}}
	}
	return reply, nil
}

// hide takes the AUTH_ID out of what a server says. It has to come before any
// cut, which could leave half of it.
func (c *Client) hide(text string) string {
	return strings.ReplaceAll(text, c.authID(), "[AUTH_ID]")
}

// Reply is what a service found.
type Reply struct {
	Items []Item
}

// Item is one object of a reply. Keys are found in any case.
type Item struct{ fields map[string]json.RawMessage }

// Text returns a value as text; "" if it is absent, in any of the registry's
// ways.
func (i Item) Text(key string) string { return value(scalar(i.fields[strings.ToLower(key)])) }

// Address is [Item.Text] for mail addresses.
func (i Item) Address(key string) string { return addressValue(scalar(i.fields[strings.ToLower(key)])) }

// Items returns a list, such as OU of WS01.
func (i Item) Items(key string) []Item {
	items, err := decodeItems(i.fields[strings.ToLower(key)])
	if err != nil {
		return nil
	}
	return items
}

// Keys returns the keys, in lower case and sorted.
func (i Item) Keys() []string {
	keys := make([]string, 0, len(i.fields))
	for k := range i.fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// decodeReply reads {"result":{"cod_err","desc_err","num_items"},"data":…}.
//
// QUIRK: the published schemas and the data disagree: data is taken as object,
// array or null whatever the service, numbers may be strings or floats, and
// keys come in any case.
func decodeReply(body []byte) (reply *Reply, code int, description string, err error) {
	envelope, err := decodeItem(body)
	if err != nil {
		return nil, 0, "", err
	}
	result, err := decodeItem(envelope.fields["result"])
	if err != nil {
		return nil, 0, "", errors.New(`no "result"`)
	}
	text := scalar(result.fields["cod_err"])
	var number float64
	if err := json.Unmarshal([]byte(strings.TrimSpace(text)), &number); err != nil || number != float64(int(number)) {
		return nil, 0, "", fmt.Errorf("cod_err is %q", text)
	}
	if number != 0 {
		return nil, int(number), scalar(result.fields["desc_err"]), nil
	}
	items, err := decodeItems(envelope.fields["data"])
	if err != nil {
		return nil, 0, "", err
	}
	return &Reply{items}, 0, "", nil
}

func decodeItem(raw json.RawMessage) (Item, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return Item{}, errors.New("no JSON object")
	}
	folded := make(map[string]json.RawMessage, len(fields))
	for k, v := range fields {
		lower := strings.ToLower(k)
		if _, ok := folded[lower]; !ok || k == lower { // of two, the one in small letters
			folded[lower] = v
		}
	}
	return Item{folded}, nil
}

// decodeItems takes an array of objects, one object, or nothing.
func decodeItems(raw json.RawMessage) ([]Item, error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" || string(raw) == `""` {
		return nil, nil
	}
	list := []json.RawMessage{json.RawMessage(raw)}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, errors.New("data is no list")
		}
	}
	var items []Item
	for _, one := range list {
		if string(bytes.TrimSpace(one)) == "null" {
			continue
		}
		item, err := decodeItem(one)
		if err != nil {
			return nil, errors.New("data holds something else than objects")
		}
		if item.empty() {
			continue
		}
		items = append(items, item)
	}
	return items, nil
}

// empty reports whether an object says nothing: so some services answer when
// they find nothing.
func (i Item) empty() bool {
	for _, v := range i.fields {
		if text := scalar(v); value(text) != "" || len(v) > 0 && v[0] == '[' {
			return false
		}
	}
	return true
}

// scalar returns a string, number or boolean as text.
func scalar(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return ""
		}
		return s
	case '{', '[', 'n':
		return ""
	}
	return strings.TrimSuffix(string(raw), ".0")
}
