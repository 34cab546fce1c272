// Package verifypage is what the verify page of the documentation asks and gets:
// pecverify without a terminal, a file system or a clock of its own.
//
// A [Request] holds what the page lets a person choose. [Request.Verify] goes
// through the messages of one file and gives a [Result] for each: the line of
// JSON that pecverify prints, and a [View] in the words of one language, in the
// order in which a person reads. [Request.Page], [Request.Text] and
// [Request.File] give what can be saved of one message.
//
// Every string of a View that came from outside has gone through package
// printable. A View holds text and never markup: whoever shows it must treat
// all of it as text.
//
// Nothing here knows of JavaScript; the command around this package does.
package verifypage
