package ipa

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Download is one dataset to be fetched from the open data site.
type Download struct {
	Dataset  Dataset
	Resource string // CKAN id of the resource
	Package  string // CKAN name of the dataset, to look the id up when it is gone; "" for none
	MinRows  int    // fewer rows are an error
}

// Downloads returns what a Store fetches unless told otherwise: bodies, areas,
// offices, electronic invoicing, PEC and categories, with the least number of
// rows that a whole file has. The ids have not changed since 2021.
func Downloads() []Download {
	return []Download{
		{Bodies, "d09adf99-dc10-4349-8c53-27b1e5aa97b6", "enti", 20_000},
		{PEC, "ef44cd11-74e2-457c-b425-4812dc102d18", "pec-ente", 15_000},
		{Areas, "cdaded04-f84e-4193-a720-47d6d5f422aa", "aree-organizzative-omogenee", 20_000},
		{Offices, "b0aa1f6c-f135-4c8a-b416-396fed4e1a5d", "unita-organizzative", 100_000},
		{Invoicing, "57bd2be0-4d3d-41cd-bdb8-2f0a60d6f490", "", 15_000},
		{Categories, "84ebb2e7-0e61-427b-a1dd-ab8bb2a84f07", "categorie-enti", 20},
	}
}

// Progress tells how far a refresh is.
type Progress struct {
	Step    string  // "download", "read" or "write"
	Dataset Dataset // "" while writing
	Bytes   int64   // received so far
	Total   int64   // expected; -1 if the server does not say
	Try     int     // from 1
}

// fetcher downloads dumps.
type fetcher struct {
	r        *requester
	base     string
	timeout  time.Duration
	idle     time.Duration
	progress func(Progress)
}

// dump downloads a dataset into a file. When the resource is gone its id is
// looked up once. It returns the id and the address that were used.
func (f *fetcher) dump(ctx context.Context, d Download, path string) (resource, from string, err error) {
	from, err = f.dumpResource(ctx, d, d.Resource, path)
	if e, ok := errors.AsType[*UpstreamError](err); !ok || e.Status != http.StatusNotFound || d.Package == "" {
		return d.Resource, from, err
	}
	resource, lookupErr := f.lookUp(ctx, d)
	if lookupErr != nil || resource == d.Resource {
		return "", "", errors.Join(err, lookupErr)
	}
	from, err = f.dumpResource(ctx, d, resource, path)
	return resource, from, err
}

func (f *fetcher) dumpResource(ctx context.Context, d Download, resource, path string) (string, error) {
	from := f.base + "datastore/dump/" + url.PathEscape(resource) + "?bom=True&format=csv"
	return from, f.r.do(ctx, attempt{
		operation: string(d.Dataset), timeout: f.timeout, idle: f.idle,
		request: func(ctx context.Context) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
		},
		reply: func(resp *http.Response, try int) error { return f.save(resp, d, try, path) },
	})
}

// save writes a reply to the file.
func (f *fetcher) save(resp *http.Response, d Download, try int, path string) error {
	switch t := mediaType(resp); t {
	case "", "text/csv", "application/csv", "text/plain", "application/octet-stream", "application/vnd.ms-excel":
	default:
		return &UpstreamError{Err: ErrContentType, Detail: cut(t, 60)}
	}
	body := bufio.NewReader(&boundedBody{r: &counter{resp.Body, func(n int64) {
		f.progress(Progress{"download", d.Dataset, n, resp.ContentLength, try})
	}, 0}, limit: maxDataset})
	if start, _ := body.Peek(1); len(start) == 1 && start[0] == '<' {
		return &UpstreamError{Err: ErrContentType, Detail: "a web page"}
	}
	file, err := os.Create(path)
	if err != nil {
		return &final{fmt.Errorf("ipa: %w", err)}
	}
	out := &noted{w: file}
	_, err = io.Copy(out, body)
	if closeErr := file.Close(); out.err == nil {
		out.err = closeErr
	}
	if out.err != nil {
		return &final{fmt.Errorf("ipa: %w", out.err)}
	}
	return err
}

// counter tells how many bytes have come.
type counter struct {
	io.Reader
	told func(int64)
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if c.n += int64(n); n > 0 {
		c.told(c.n)
	}
	return n, err
}

// noted keeps the error of writing apart from that of reading.
type noted struct {
	w   io.Writer
	err error
}

func (o *noted) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	o.err = err
	return n, err
}

// lookUp asks CKAN for the resource of a package that can be dumped.
func (f *fetcher) lookUp(ctx context.Context, d Download) (string, error) {
	var reply struct {
		Success bool
		Result  struct {
			Resources []struct {
				ID              string
				DatastoreActive bool `json:"datastore_active"`
			}
		}
	}
	err := f.r.do(ctx, attempt{
		operation: string(d.Dataset) + " package_show", timeout: 30 * time.Second,
		request: func(ctx context.Context) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, http.MethodGet, f.base+"api/3/action/package_show?id="+url.QueryEscape(d.Package), nil)
		},
		reply: func(resp *http.Response, _ int) error {
			body, err := io.ReadAll(&boundedBody{r: resp.Body, limit: maxReply})
			if err != nil {
				return err
			}
			if err := json.Unmarshal(body, &reply); err != nil {
				return &UpstreamError{Err: ErrReply, Detail: "no JSON"}
			}
			return nil
		},
	})
	if err != nil {
		return "", err
	}
	for _, r := range reply.Result.Resources {
		if r.DatastoreActive && r.ID != "" {
			return r.ID, nil
		}
	}
	return "", &UpstreamError{Operation: string(d.Dataset) + " package_show", Status: http.StatusOK, Err: ErrReply, Detail: "no resource"}
}

// sameHost lets a dump be redirected at most five times, on its host and never
// from https to http.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) > 5 || req.URL.Host != first.Host || !strings.EqualFold(req.URL.Scheme, first.Scheme) {
		return ErrRedirect
	}
	return nil
}
