package server

import (
	_ "embed"
	"net/http"

	"github.com/gin-gonic/gin"
)

// openAPI describes the HTTP API for programs (OpenAPI 3.1).
//
//go:embed openapi.json
var openAPI []byte

func describeAPI(c *gin.Context) {
	c.Data(http.StatusOK, "application/json; charset=utf-8", openAPI)
}
