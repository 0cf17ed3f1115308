package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/quire-editor/quire/store"
)

const (
	// probes is how many fsyncs are timed.
	probes = 32
	// tooFast is what no disk needs for an fsync: nothing reached it. tooSlow is what people notice.
	tooFast = 15 * time.Microsecond
	tooSlow = 50 * time.Millisecond
	// leastRoom is how many bytes have to be free.
	leastRoom = 256 << 20
	// clockSlack is how far ahead files may be.
	clockSlack = time.Minute
	// firstYear is before Quire was written.
	firstYear = 2025
)

// folder looks at the data folder and the disk beneath.
func (d *doctor) folder(data string) {
	st, err := os.Stat(data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.note("the data folder %s does not exist; quire serve makes it", data)
		return
	case err != nil:
		d.ill(fmt.Sprintf("the data folder cannot be looked at: %v", err), "name the right one with --data or QUIRE_DATA")
		return
	case !st.IsDir():
		d.ill(data+" is no folder", "name the right one with --data or QUIRE_DATA")
		return
	}
	if err := writable(data); err != nil {
		d.ill(fmt.Sprintf("this user (%s) cannot write the data folder: %v", userName(), err), "run: "+ownershipRemedy(data))
		return
	}
	d.well("the data folder %s can be written by this user (%s)", data, userName())
	if st.Mode().Perm()&0o077 != 0 {
		d.ill(fmt.Sprintf("the data folder can be read by other users of this machine (%v)", st.Mode().Perm()), "run: chmod 700 "+data)
	}
	d.owned(data)
	d.room(data)
	d.disk(data)
}

// owned looks for files that a server of this user could not use, such as after a command that was run as root.
func (d *doctor) owned(data string) {
	for _, name := range []string{store.JournalName, store.MainName, "secret", "lock"} {
		f, err := os.OpenFile(filepath.Join(data, name), os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			d.ill(fmt.Sprintf("this user (%s) cannot write %s: %v", userName(), name, err), "run: "+ownershipRemedy(data))
			return
		}
		f.Close()
	}
	if !holdsData(data) {
		d.note("there are no documents in it yet")
	}
}

func (d *doctor) room(data string) {
	free, err := freeBytes(data)
	switch {
	case err != nil:
		d.note("how much room the disk has cannot be told: %v", err)
	case free < leastRoom || free < uint64(dataBytes(data)):
		d.ill(fmt.Sprintf("the disk has %s left for data of %s", bytesOf(int64(free)), bytesOf(dataBytes(data))),
			"make room: compaction, restores and upgrades need as much again as the data has, and at least "+bytesOf(leastRoom))
	default:
		d.well("the disk has %s left", bytesOf(int64(free)))
	}
}

// disk times fsync: every acknowledgement is one.
func (d *doctor) disk(data string) {
	if kind := volatileKind(data); kind != "" {
		d.ill(fmt.Sprintf("the data folder is on %s, which forgets everything when the machine stops", kind), "put it on a disk: a volume or a mounted folder")
		return
	}
	took, err := timeSync(data)
	switch {
	case err != nil:
		d.ill(fmt.Sprintf("fsync fails: %v", err), "put the data folder on a local disk that supports it")
	case took < tooFast:
		d.ill(fmt.Sprintf("an fsync takes %v, less than any disk needs: what is confirmed may be lost when power fails", took),
			"look for a virtual disk with cache=unsafe, a mount with nobarrier, or libeatmydata")
	case took > tooSlow:
		d.ill(fmt.Sprintf("an fsync takes %v, and every change waits for one", took), "put the data folder on a local SSD; network and SD card disks are this slow")
	default:
		d.well("an fsync takes %v", took)
	}
}

// timeSync returns the median time of an fsync after a small write.
func timeSync(data string) (median time.Duration, err error) {
	f, err := os.CreateTemp(data, "doctor-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	var took []time.Duration
	for range probes {
		if _, err := f.WriteAt(make([]byte, 4096), 0); err != nil {
			return 0, err
		}
		began := time.Now()
		if err := f.Sync(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2].Round(time.Microsecond), nil
}

// clock compares the clock with what it was when the data was written.
func (d *doctor) clock(data string) {
	now := time.Now()
	if now.Year() < firstYear {
		d.ill("the clock says "+now.Format(time.DateTime), "set it, and have it kept right: timedatectl set-ntp true")
		return
	}
	for _, name := range []string{store.JournalName, store.MainName} {
		st, err := os.Stat(filepath.Join(data, name))
		if err == nil && st.ModTime().After(now.Add(clockSlack)) {
			d.ill(fmt.Sprintf("the clock says %s, but %s was written at %s", now.Format(time.DateTime), name, st.ModTime().Format(time.DateTime)),
				"set the clock, and have it kept right: timedatectl set-ntp true")
			return
		}
	}
	if synchronised, known := clockSynchronised(); known && !synchronised {
		d.note("the clock says %s, and nothing keeps it right; history shows its times (timedatectl set-ntp true)", now.Format(time.DateTime))
		return
	}
	d.well("the clock says %s", now.Format(time.DateTime))
}

// writable says why files cannot be made in a folder.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, "doctor-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func userName() string { return fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid()) }

// ownershipRemedy is the command that gives a folder to this user. For a container it is for the machine outside.
func ownershipRemedy(data string) string {
	if os.Getpid() == 1 || inContainer() {
		return fmt.Sprintf("chown -R %s FOLDER, outside the container, on the folder that is mounted at %s", userName(), data)
	}
	return fmt.Sprintf("chown -R %s %s", userName(), data)
}

// inContainer says whether this process seems to run in a container.
func inContainer() bool {
	for _, sign := range []string{"/.dockerenv", "/run/.containerenv"} {
		if _, err := os.Stat(sign); err == nil {
			return true
		}
	}
	return os.Getenv("KUBERNETES_SERVICE_HOST") != ""
}
