package server

import (
	"bytes"
	_ "embed"
	"net/http"

	"github.com/gin-gonic/gin"
)

// openAPI describes the HTTP API for programs (OpenAPI 3.1).
//
//go:embed openapi.json
var openAPI []byte

func (s *Server) describeAPI(c *gin.Context) {
	here := bytes.Replace(openAPI, []byte(`"/api/v1"`), []byte(`"`+s.base+`/api/v1"`), 1)
	c.Data(http.StatusOK, "application/json; charset=utf-8", here)
}
