package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/quire-editor/quire/server/site"
	"github.com/quire-editor/quire/store"
)

// Operations answers what operators ask of the server that has the data folder open. It is to be served where only they can
// reach it: nothing here asks who is asking. What fails after an answer has begun is told in the trailer OperationError.
func (s *Server) Operations() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /backup", s.operation(func(w http.ResponseWriter, req *http.Request) error {
		return s.Backup(req.Context(), w)
	}))
	mux.HandleFunc("POST /verify", s.operation(s.verifyOperation))
	mux.HandleFunc("GET /documents/{id}", s.operation(func(w http.ResponseWriter, req *http.Request) error {
		return s.Export(req.Context(), req.PathValue("id"), w)
	}))
	mux.HandleFunc("GET /documents/{id}/text", s.operation(s.textOperation))
	mux.HandleFunc("POST /documents", s.operation(s.importOperation))
	mux.HandleFunc("PUT /notice", s.operation(s.noticeOperation))
	mux.HandleFunc("GET /sites", s.operation(s.listSitesOperation))
	mux.HandleFunc("POST /sites", s.operation(s.addSiteOperation))
	mux.HandleFunc("DELETE /sites/{id}", s.operation(func(_ http.ResponseWriter, req *http.Request) error {
		return s.RemoveSite(req.Context(), req.PathValue("id"))
	}))
	mux.HandleFunc("GET /tokens", s.operation(s.listTokensOperation))
	mux.HandleFunc("POST /tokens", s.operation(s.createTokenOperation))
	mux.HandleFunc("DELETE /tokens/{id}", s.operation(func(_ http.ResponseWriter, req *http.Request) error {
		return s.RevokeToken(req.Context(), req.PathValue("id"))
	}))
	return mux
}

// OperationError is the trailer that says why an operation failed.
const OperationError = "Quire-Error"

// operation answers with what do writes, and its error.
func (s *Server) operation(do func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Trailer", OperationError)
		w.WriteHeader(http.StatusOK)
		err := do(w, req)
		if err == nil {
			return
		}
		if errors.Is(err, store.ErrNotFound) {
			err = errors.New("there is no such document")
		}
		s.considerFailure(err)
		s.logger.Warn("operation failed", "operation", req.URL.Path, "error", err)
		w.Header().Set(OperationError, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}

// progressEvery is how often an operation tells how far it is.
const progressEvery = 200 * time.Millisecond

// VerifyLine is one line of the answer to a verification: how far it is, and last what it found.
type VerifyLine struct {
	Done bool `json:"done,omitempty"`
	Verification
}

func (s *Server) verifyOperation(w http.ResponseWriter, req *http.Request) error {
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	told := time.Now()
	found, err := s.Verify(req.Context(), func(v Verification) {
		if time.Since(told) < progressEvery {
			return
		}
		told = time.Now()
		v.Problems = nil // they are told at the end
		_ = out.Encode(VerifyLine{false, v})
		_ = flush.Flush() // if the other side has gone, its context ends
	})
	if err != nil {
		return err
	}
	return out.Encode(VerifyLine{true, found})
}

func (s *Server) textOperation(w http.ResponseWriter, req *http.Request) error {
	id := req.PathValue("id")
	if _, err := lookUp(s.store, id); err != nil {
		return err
	}
	view, err := s.view(req.Context(), id)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, strings.ToValidUTF8(view.text.Text(), "\uFFFD"))
	return err
}

func (s *Server) importOperation(w http.ResponseWriter, req *http.Request) error {
	as := req.URL.Query().Get("as")
	if as == "new" {
		as = newID()
	}
	id, err := s.Import(req.Context(), req.Body, as)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, id)
	return err
}

// NewSite asks for a site to be known; Secret is in the answer, if its tokens are signed with one, and CallbackSecret, if it is told
// what was saved.
type NewSite struct {
	site.Site
	Secret         string `json:"secret,omitempty"`
	CallbackSecret string `json:"callbackSecret,omitempty"`
}

func (s *Server) addSiteOperation(w http.ResponseWriter, req *http.Request) error {
	var asked NewSite
	if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
		return fmt.Errorf("what is asked for: %w", err)
	}
	added, secret, err := s.AddSite(req.Context(), asked.Site)
	if err != nil {
		return err
	}
	answer := NewSite{Site: added, Secret: secret}
	if added.Callback != "" {
		answer.CallbackSecret = s.callbackSecret(added.ID)
	}
	return json.NewEncoder(w).Encode(answer)
}

func (s *Server) listSitesOperation(w http.ResponseWriter, _ *http.Request) error {
	list, err := s.Sites()
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(list)
}

// NewToken asks for a token; Text is in the answer, and nowhere else.
type NewToken struct {
	Token
	Text string `json:"text,omitempty"`
}

func (s *Server) createTokenOperation(w http.ResponseWriter, req *http.Request) error {
	var asked NewToken
	if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
		return fmt.Errorf("what is asked for: %w", err)
	}
	token, text, err := s.CreateToken(req.Context(), asked.Name, asked.Scope, asked.Expires)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(NewToken{token, text})
}

func (s *Server) listTokensOperation(w http.ResponseWriter, _ *http.Request) error {
	list, err := s.Tokens()
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(list)
}
