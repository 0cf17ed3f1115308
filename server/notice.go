package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"unicode/utf8"
)

// maxNotice is the longest notice, in bytes.
const maxNotice = 500

// Notify shows everyone a notice of whoever runs the server, and those who come later too, until another takes its place or it
// is ended by "". It returns how many connections there are.
func (s *Server) Notify(text string) (connections int, err error) {
	if len(text) > maxNotice || !utf8.ValidString(text) {
		return 0, fmt.Errorf("a notice has at most %d bytes of UTF-8", maxNotice)
	}
	s.notice.Store(&text)
	for _, p := range s.rooms.all() {
		p.tell(func(r *Room) { r.Notify(text) })
	}
	connections, _ = s.principals.count()
	return connections, nil
}

// currentNotice is what a room that is being opened has to tell.
func (s *Server) currentNotice() string {
	if text := s.notice.Load(); text != nil {
		return *text
	}
	return ""
}

func (s *Server) noticeOperation(w http.ResponseWriter, req *http.Request) error {
	text, err := io.ReadAll(io.LimitReader(req.Body, maxNotice+1))
	if err != nil {
		return errors.New("the notice did not arrive whole")
	}
	n, err := s.Notify(string(text))
	if err == nil {
		_, err = fmt.Fprintln(w, n)
	}
	return err
}
