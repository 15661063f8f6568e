// Package harness starts the real program and a real browser for the tests of e2e.
//
// A [Browser] is one Chromium process; each [Page] of it has cookies and a cache of its own, as a new person would.
// A page collects what the browser says on its console and what went over the network, and its test fails where the
// console isn't empty. A [Server] is the built program on a free port with data of its own; its log is read when it
// stops, and an error in it fails the test.
package harness
