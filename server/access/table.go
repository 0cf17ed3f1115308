package access

import "strings"

// Table is the matrix as a table of Markdown.
func Table() string {
	var b strings.Builder
	b.WriteString("| action |")
	for _, r := range Roles {
		b.WriteString(" " + string(r) + " |")
	}
	b.WriteString(" current version only | what it is |\n|---|" + strings.Repeat("---|", len(Roles)+2) + "\n")
	for a, row := range matrix {
		b.WriteString("| " + row.name + " |")
		for _, r := range Roles {
			b.WriteString(mark(Of(r).Allow(Action(a))))
		}
		b.WriteString(mark(!row.past && row.least != Owner) + " " + row.does + " |\n")
	}
	return b.String()
}

func mark(yes bool) string {
	if yes {
		return " yes |"
	}
	return " |"
}
