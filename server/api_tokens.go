package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/quire-editor/quire/server/site"
)

// isAdmin says whether a request is made by somebody who looks after the server: a person who was named, or, if nobody was, whoever
// sits at its machine. No token makes an admin of a program.
func (s *Server) isAdmin(c *gin.Context) bool {
	if c.GetHeader("Authorization") != "" {
		return false
	}
	if s.localAdmin && isLocal(c.Request) {
		return true
	}
	who, ok := s.accounts.of(c.Request)
	return ok && slices.ContainsFunc(s.admins, func(named string) bool {
		return named == who.Subject || who.Email != "" && strings.EqualFold(named, who.Email)
	})
}

// adminsOnly refuses requests of others.
func (s *Server) adminsOnly(c *gin.Context) {
	if !s.isAdmin(c) {
		problem(c, http.StatusForbidden, "Only those who look after this server may do this. Whoever runs it names them with --admin.")
	}
}

type tokenList struct {
	Tokens []Token `json:"tokens"`
}

// listTokens lists the tokens of programs, the oldest first.
func (s *Server) listTokens(c *gin.Context) {
	all, err := s.Tokens()
	if err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, tokenList{all})
}

// makeToken makes a token. Its text is in the answer, and nowhere else.
func (s *Server) makeToken(c *gin.Context) {
	var asked Token
	if !s.readJSON(c, &asked) {
		return
	}
	made, text, err := s.CreateToken(c.Request.Context(), strings.TrimSpace(asked.Name), asked.Scope, asked.Expires)
	switch bad, isBad := errors.AsType[badToken](err); {
	case isBad:
		problem(c, http.StatusBadRequest, sentence(bad.Error()))
	case errors.Is(err, errManyTokens):
		problem(c, http.StatusUnprocessableEntity, sentence(errManyTokens.Error()))
	case err != nil:
		s.fail(c, err)
	default:
		s.logger.Info("token made", "token", made.ID, "name", made.Name, "role", made.Scope.Role, "by", s.caller(c).Person)
		c.JSON(http.StatusCreated, NewToken{made, text})
	}
}

// sentence makes one of what an error says.
func sentence(said string) string { return strings.ToUpper(said[:1]) + said[1:] + "." }

// deleteToken revokes a token.
func (s *Server) deleteToken(c *gin.Context) {
	err := s.RevokeToken(c.Request.Context(), c.Param("token"))
	switch {
	case errors.Is(err, errNoToken):
		problem(c, http.StatusNotFound, "There is no such token; it may have been revoked.")
	case err != nil:
		s.fail(c, err)
	default:
		s.logger.Info("token revoked", "token", c.Param("token"), "by", s.caller(c).Person)
		c.Status(http.StatusNoContent)
	}
}

type siteList struct {
	Sites []site.Site `json:"sites"`
}

// listSites lists the sites that may embed documents, the oldest first. Their secrets are not in it.
func (s *Server) listSites(c *gin.Context) {
	all, err := s.Sites()
	if err != nil {
		s.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, siteList{append([]site.Site{}, all...)})
}
