package server

import (
	"fmt"
	"strings"
	"testing"
)

func TestNoticeReachesEverybodyAndThoseWhoComeLater(t *testing.T) {
	ts := serveNew(t)
	plan, list := ts.create("text", ""), ts.create("text", "")
	greeted := func(doc string) *peer {
		p := ts.join(doc, "")
		p.send(`{"a":"q:hello","c":"documents","d":"<doc>"}`)
		p.receive()
		return p
	}
	notice := func(text string) string {
		return fmt.Sprintf(`{"a":"q:notice","c":"documents","d":"<doc>","text":%q}`, text)
	}
	first, second, stock := greeted(plan), greeted(list), ts.join(plan, "")
	if n, err := ts.Notify("back at noon"); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	first.expect(notice("back at noon"))
	second.expect(notice("back at noon"))
	greeted(plan).expect(notice("back at noon"))
	greeted(ts.create("text", "")).expect(notice("back at noon"))
	stock.send(`{"a":"pp"}`)
	stock.expect(`{"a":"pp"}`) // it knows nothing of notices, and gets none
	if _, err := ts.Notify(""); err != nil {
		t.Fatal(err)
	}
	first.expect(notice(""))
	last := greeted(list)
	last.send(`{"a":"pp"}`)
	last.expect(`{"a":"pp"}`)
}

func TestNoticeThatIsTooLongIsShownToNobody(t *testing.T) {
	ts := serveNew(t)
	for _, text := range []string{strings.Repeat("x", maxNotice+1), "\xff"} {
		if _, err := ts.Notify(text); err == nil || ts.currentNotice() != "" {
			t.Errorf("%q was taken: %v", text, err)
		}
	}
}

func TestFollowerIsToldOfNotices(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("text", "")
	got := ts.followEvents(doc, 1, func() {
		if _, err := ts.Notify("back at noon"); err != nil {
			t.Error(err)
		}
	})
	if e := got[0]; e.name != "notice" || e.data != `{"text":"back at noon"}` {
		t.Fatalf("told %v", e)
	}
}
