package operate

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestEveryCommandSaysHowItIsUsed(t *testing.T) {
	all := run(t, 0, "--help").Out
	for _, name := range []string{"serve", "backup", "restore", "verify", "export", "import", "token", "site", "config", "doctor", "health", "version", "completion"} {
		if !regexp.MustCompile(`(?m)^ +` + name + ` +\w`).MatchString(all) {
			t.Errorf("--help does not list %s:\n%s", name, all)
		}
		if help := run(t, 0, name, "--help").Out; !strings.Contains(help, "USAGE") {
			t.Errorf("%s --help:\n%s", name, help)
		}
	}
}

func TestExitCodesTellWrongUseFromFailure(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	for _, c := range []struct {
		code int
		line string
		says string
	}{
		{2, "frobnicate", `there is no command "frobnicate"`},
		{2, "verify --nonsense", "quire verify --help"},
		{2, "verify more", "takes no argument"},
		{2, "backup", "into which file"},
		{2, "export one", "which document and into which file"},
		{2, "serve --list nobody", "is not one of"},
		{2, "serve --auth nobody", "is not one of"},
		{2, "token create", "what the token is to be known by"},
		{2, "token create robot --allow everything", "is not one of"},
		{2, "token frobnicate", `there is no command "frobnicate"`},
		{1, "verify --data " + nowhere, "no data folder at " + nowhere},
		{1, "backup --data " + nowhere + " file", "no data folder"},
		{1, "restore --data " + nowhere + " no-such-file", "no-such-file"},
		{1, "health --listen 127.0.0.1:1", "does not answer"},
	} {
		if o := run(t, c.code, strings.Fields(c.line)...); !strings.Contains(o.Err, c.says) {
			t.Errorf("%s: %q is not in %s", c.line, c.says, o.Err)
		}
	}
	if _, err := os.Stat(nowhere); err == nil {
		t.Error("a folder was made for a command that failed")
	}
}

func TestConfigSaysWhereEachValueIsFrom(t *testing.T) {
	t.Setenv("QUIRE_LIST", "own")
	t.Setenv("QUIRE_ORIGINS", "https://a.example,https://b.example")
	t.Setenv("QUIRE_IDLE_AFTER", "40s")
	printed := run(t, 0, "config", "--idle-after", "50s").Out
	for _, row := range []string{
		`--list +own +QUIRE_LIST`,
		`--origin +https://a.example, https://b.example +QUIRE_ORIGINS`,
		`--idle-after +50s +the command line`,
		`--listen +127.0.0.1:8080 +the default`,
	} {
		if !regexp.MustCompile(`(?m)^` + row + `$`).MatchString(printed) {
			t.Errorf("%s is not in\n%s", row, printed)
		}
	}
}

func TestShellsCompleteCommandsAndFlags(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "pwsh"} {
		if o := run(t, 0, "completion", shell); len(o.Out) < 100 {
			t.Errorf("%s: %q", shell, o.Out)
		}
	}
	if o := run(t, 0, "--generate-shell-completion"); !strings.Contains(o.Out, "backup") {
		t.Errorf("completion offers %q", o.Out)
	}
	if o := run(t, 0, "backup", "--", "--generate-shell-completion"); strings.Contains(o.Err, "panic") {
		t.Error(o.Err)
	}
}
