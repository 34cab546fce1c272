// Package fiscalcode checks Italian fiscal codes (codice fiscale) of persons
// and bodies, and VAT numbers (partita IVA).
//
//	code, err := fiscalcode.Parse("rssmra85t10a562s")
//	code.Kind()    // Person
//	code.String()  // RSSMRA85T10A562S
//	code.Masked()  // RSS**********62S, for logs
//
// It checks form and check character (DM 23 December 1976 for persons, the
// eleven-digit code of DPR 605/1973 for the others), and the month and day in a
// person's code. It does not check whether a code was ever given to anyone,
// whether the letters follow from a name, or whether the place exists.
//
// Everything is pure and may be used by several goroutines.
package fiscalcode

import (
	"errors"
	"fmt"
	"strings"
)

// Kind tells the two forms apart. The zero value means none.
type Kind uint8

// The kinds.
const (
	Person Kind = 1 // 16 characters
	Body   Kind = 2 // 11 digits: bodies, VAT numbers, and provisional codes of persons
)

// What an [*Error] can wrap.
var (
	ErrLength    = errors.New("neither 16 characters nor 11 digits")
	ErrCharacter = errors.New("a character that cannot stand there")
	ErrMonth     = errors.New("no letter of a month")
	ErrDay       = errors.New("no day of that month")
	ErrCheck     = errors.New("wrong check character")
	ErrOffice    = errors.New("no office that gives VAT numbers")
	ErrZero      = errors.New("no number at all")
)

// Error says what is wrong with a code. It does not hold the code, which is
// personal data.
type Error struct {
	Position int   // of the character, from 1; 0 if the code as a whole is meant
	Err      error // one of the errors above
}

// Error says what is wrong.
func (e *Error) Error() string {
	if e.Position == 0 {
		return "fiscal code: " + e.Err.Error()
	}
	return fmt.Sprintf("fiscal code: character %d: %v", e.Position, e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Code is a code that passed [Parse] or [ParseVAT]. Codes are comparable. The
// zero value is none.
type Code struct{ text string }

// Parse checks a fiscal code. Blanks around it do not count, nor does case.
// The error is an [*Error].
func Parse(s string) (Code, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	switch len(s) {
	case 16:
		if err := checkPerson(s); err != nil {
			return Code{}, err
		}
	case 11:
		if err := checkBody(s); err != nil {
			return Code{}, err
		}
	default:
		return Code{}, &Error{Err: ErrLength}
	}
	return Code{s}, nil
}

// ParseVAT checks a VAT number, with or without the prefix IT: a fiscal code
// of 11 digits whose digits 8 to 10 name a tax office.
func ParseVAT(s string) (Code, error) {
	s = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "IT")
	if len(s) != 11 {
		return Code{}, &Error{Err: ErrLength}
	}
	if err := checkBody(s); err != nil {
		return Code{}, err
	}
	if !isVATOffice(s[7:10]) {
		return Code{}, &Error{Position: 8, Err: ErrOffice}
	}
	return Code{s}, nil
}

// Kind returns the form of the code.
func (c Code) Kind() Kind {
	switch len(c.text) {
	case 16:
		return Person
	case 11:
		return Body
	}
	return 0
}

// String returns the code in capitals, as written: letters of omocodia stay.
func (c Code) String() string { return c.text }

// IsZero reports whether c is no code.
func (c Code) IsZero() bool { return c.text == "" }

// Omocodia reports whether letters stand for digits in a person's code, as
// where two persons would have the same.
func (c Code) Omocodia() bool { return c.Kind() == Person && c.Plain() != c.text }

// Plain returns a person's code with the digits that letters of omocodia stand
// for, and the check character that belongs to them: the code as it would have
// been. Codes of two persons can have the same plain form.
func (c Code) Plain() string {
	if c.Kind() != Person {
		return c.text
	}
	b := []byte(c.text)
	for _, i := range digitPlaces {
		b[i] = digitOf(b[i])
	}
	b[15] = checkLetter(string(b[:15]))
	return string(b)
}

// Masked returns the code with its middle hidden, for logs and errors.
func (c Code) Masked() string {
	if len(c.text) < 6 {
		return c.text
	}
	return c.text[:3] + strings.Repeat("*", len(c.text)-6) + c.text[len(c.text)-3:]
}

// digitPlaces are the places of a person's code, from 0, that hold digits or
// letters of omocodia.
var digitPlaces = [...]int{6, 7, 9, 10, 12, 13, 14}

// omocodia are the letters that stand for 0 to 9.
const omocodia = "LMNPQRSTUV"

// digitOf returns the digit that a digit or a letter of omocodia stands for, 0
// as a byte if it is neither.
func digitOf(c byte) byte {
	if c >= '0' && c <= '9' {
		return c
	}
	if i := strings.IndexByte(omocodia, c); i >= 0 {
		return '0' + byte(i)
	}
	return 0
}

// months are the letters of January to December.
const months = "ABCDEHLMPRST"

// daysOf is the number of days of each month; the century is not known, so
// every February may have 29.
var daysOf = [...]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func checkPerson(s string) error {
	for i := range 16 {
		isLetter := s[i] >= 'A' && s[i] <= 'Z'
		switch i {
		case 6, 7, 9, 10, 12, 13, 14:
			if digitOf(s[i]) == 0 {
				return &Error{i + 1, ErrCharacter}
			}
		default:
			if !isLetter {
				return &Error{i + 1, ErrCharacter}
			}
		}
	}
	month := strings.IndexByte(months, s[8])
	if month < 0 {
		return &Error{9, ErrMonth}
	}
	day := int(digitOf(s[9])-'0')*10 + int(digitOf(s[10])-'0')
	if day > 40 { // of a woman
		day -= 40
	}
	if day < 1 || day > daysOf[month] {
		return &Error{10, ErrDay}
	}
	if checkLetter(s[:15]) != s[15] {
		return &Error{16, ErrCheck}
	}
	return nil
}

// oddValues are the values at the odd places, counted from 1, of 0 to 9 and of
// A to Z.
var (
	oddDigits  = [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}
	oddLetters = [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
)

// checkLetter returns the check character of 15 letters and digits, taken as
// they are written.
func checkLetter(s string) byte {
	sum := 0
	for i := range len(s) {
		digit, value := s[i] <= '9', int(s[i])
		if digit {
			value -= '0'
		} else {
			value -= 'A'
		}
		if i%2 == 0 { // the first, the third …
			if digit {
				value = oddDigits[value]
			} else {
				value = oddLetters[value]
			}
		}
		sum += value
	}
	return 'A' + byte(sum%26)
}

func checkBody(s string) error {
	sum, zero := 0, true
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return &Error{i + 1, ErrCharacter}
		}
		n := int(s[i] - '0')
		zero = zero && n == 0
		if i%2 == 1 { // the second, the fourth …
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	switch {
	case zero:
		return &Error{0, ErrZero}
	case sum%10 != 0:
		return &Error{11, ErrCheck}
	}
	return nil
}

// isVATOffice reports whether three digits name an office: 001 to 100 by
// province, and 120, 121, 888 and 999 besides.
func isVATOffice(s string) bool {
	switch s {
	case "120", "121", "888", "999", "100":
		return true
	}
	return s[0] == '0' && s != "000"
}
