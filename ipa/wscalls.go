package ipa

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// RemoteBody is a body as WS05 and WS16 give it. WS16 gives code, acronym and
// name only.
type RemoteBody struct {
	Code, Acronym, Name                                string
	FiscalCode                                         string
	Region, Province, Municipality, PostalCode, Street string
	Website, Type, Category                            string
	Accredited                                         string   // data_accreditamento, as sent
	Addresses                                          []string // mail1 to mail5; the first is the primary one
}

// RemoteOwner is who has an address, as WS07 gives it.
type RemoteOwner struct {
	Type               AddressType // of the address
	Entity             string      // AMM, AOO, UO, SERV…, RESP…, as sent
	BodyCode, BodyName string
	Code               string // of the area, office or service
}

// Domicile is a digital domicile or PEC of a body, area or office, with the
// period in which it was one.
type Domicile struct {
	Address                string
	Type                   AddressType
	BodyCode, BodyName     string
	AreaCode, AreaName     string
	OfficeCode, OfficeName string
	Published              string // data_pubblicazione, as sent
	Cancelled              string // data_cancellazione, as sent; "" if it is still one
}

// ErrDate is returned for a date in an unknown form.
var ErrDate = errors.New("ipa: a date in an unknown form")

// On reports whether the address was a domicile on a day: from the day of its
// publication to the day before that of its cancellation. Errors: [ErrDate],
// also where there is no date of publication.
func (d Domicile) On(day time.Time) (bool, error) {
	from, err := parseDay(d.Published)
	if err != nil {
		return false, err
	}
	asked := day.Format(time.DateOnly)
	if asked < from || d.Cancelled == "" {
		return asked >= from, nil
	}
	to, err := parseDay(d.Cancelled)
	if err != nil {
		return false, err
	}
	return asked < to, nil
}

// parseDay returns the day of a date in one of the forms met in registries.
func parseDay(s string) (string, error) {
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02 15:04:05.0", time.RFC3339, "2006-01-02T15:04:05", "02/01/2006", "02/01/2006 15:04:05", "02-01-2006", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly), nil
		}
	}
	return "", fmt.Errorf("%w: %q", ErrDate, cut(s, 40))
}

// Body asks WS05 for a body by its Codice_IPA. An unknown code is found=false
// and no error.
func (c *Client) Body(ctx context.Context, code string) (body RemoteBody, found bool, err error) {
	items, err := c.find(ctx, WS05, Parameters{"COD_AMM": code})
	if err != nil || len(items) == 0 {
		return RemoteBody{}, false, err
	}
	return remoteBody(items[0]), true, nil
}

// SearchBodies asks WS16 for the bodies whose name holds a text.
func (c *Client) SearchBodies(ctx context.Context, name string) ([]RemoteBody, error) {
	// QUIRK: an apostrophe has to be written twice; else the reply is empty.
	items, err := c.find(ctx, WS16, Parameters{"DESCR": strings.ReplaceAll(name, "'", "''")})
	var out []RemoteBody
	for _, i := range items {
		out = append(out, remoteBody(i))
	}
	return out, err
}

// AddressOwners asks WS07 who has an address.
func (c *Client) AddressOwners(ctx context.Context, address string) ([]RemoteOwner, error) {
	items, err := c.find(ctx, WS07, Parameters{"EMAIL": address})
	var out []RemoteOwner
	for _, i := range items {
		out = append(out, RemoteOwner{
			Type: parseAddressType(i.Text("tipo_email")), Entity: i.Text("tipo_entita"),
			BodyCode: i.Text("cod_amm"), BodyName: i.Text("des_amm"), Code: i.Text("cod_entita"),
		})
	}
	return out, err
}

// DomicileHistory asks WS13 for the periods in which an address was a digital
// domicile.
func (c *Client) DomicileHistory(ctx context.Context, address string) ([]Domicile, error) {
	return c.domiciles(ctx, WS13, Parameters{"DOM_DIG": address})
}

// BodyPEC asks WS20 for the active PEC of a body.
func (c *Client) BodyPEC(ctx context.Context, code string) ([]Domicile, error) {
	return c.domiciles(ctx, WS20, Parameters{"COD_AMM": code})
}

// BodyPECHistory asks WS21 for the PEC of a body, those of the past included.
func (c *Client) BodyPECHistory(ctx context.Context, code string) ([]Domicile, error) {
	return c.domiciles(ctx, WS21, Parameters{"COD_AMM": code})
}

// PECHistory asks WS22 for the periods in which an address was PEC of a body.
func (c *Client) PECHistory(ctx context.Context, address string) ([]Domicile, error) {
	return c.domiciles(ctx, WS22, Parameters{"PEC": address})
}

// DomicilesByFiscalCode asks WS23 for the digital domiciles of a body, by its
// fiscal code or that of one of its invoicing offices. With more than one
// result the body's own is the primary address that [Client.Body] gives.
func (c *Client) DomicilesByFiscalCode(ctx context.Context, code string) ([]Domicile, error) {
	return c.domiciles(ctx, WS23, Parameters{"CF": code})
}

// find is [Client.Call] for those to whom an unknown code is "nothing found".
func (c *Client) find(ctx context.Context, s Service, p Parameters) ([]Item, error) {
	reply, err := c.Call(ctx, s, p)
	if e, ok := errors.AsType[*ServiceError](err); ok && e.Code == codeUnknownBody {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return reply.Items, nil
}

func (c *Client) domiciles(ctx context.Context, s Service, p Parameters) ([]Domicile, error) {
	items, err := c.find(ctx, s, p)
	var out []Domicile
	for _, i := range items {
		out = append(out, Domicile{
			Address: either(i.Address("domicilio_digitale"), i.Address("pec")), Type: parseAddressType(i.Text("tipo")),
			BodyCode: i.Text("cod_amm"), BodyName: either(i.Text("des_amm"), i.Text("denominazione")),
			AreaCode: either(i.Text("cod_uni_aoo"), i.Text("cod_aoo")), AreaName: i.Text("des_aoo"),
			OfficeCode: i.Text("cod_uni_ou"), OfficeName: i.Text("des_ou"),
			Published: i.Text("data_pubblicazione"), Cancelled: i.Text("data_cancellazione"),
		})
	}
	return out, err
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func remoteBody(i Item) RemoteBody {
	b := RemoteBody{
		Code: i.Text("cod_amm"), Acronym: i.Text("acronimo"), Name: i.Text("des_amm"), FiscalCode: i.Text("cf"),
		Region: i.Text("regione"), Province: i.Text("provincia"), Municipality: i.Text("comune"),
		PostalCode: i.Text("cap"), Street: i.Text("indirizzo"), Website: i.Text("sito_istituzionale"),
		Type: i.Text("tipologia"), Category: i.Text("categoria"), Accredited: i.Text("data_accreditamento"),
	}
	for _, key := range []string{"mail1", "mail2", "mail3", "mail4", "mail5"} {
		if mail := i.Address(key); mail != "" {
			b.Addresses = append(b.Addresses, mail)
		}
	}
	return b
}
