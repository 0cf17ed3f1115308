package server

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// testSources are the texts of this package's tests, and of wire's.
func testSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*_test.go", "wire/*_test.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if file != "codes_test.go" {
				all.Write(text)
			}
		}
	}
	return all.String()
}

func TestEveryCodeIsDescribedAndTested(t *testing.T) {
	source, err := os.ReadFile("wire/codes.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`"(ERR_[A-Z_]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 10 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	description, tests := protocolDescription(t), testSources(t)
	for _, code := range codes {
		if !strings.Contains(description, "`"+code[1]+"`") {
			t.Errorf("PROTOCOL.md does not have %s", code[1])
		}
		if !strings.Contains(tests, code[1]) {
			t.Errorf("no test provokes %s", code[1])
		}
	}
}

func TestDescriptionHasTheCloseCodesWithTheirAdvice(t *testing.T) {
	var want strings.Builder
	want.WriteString("| close code | why | what a client does |\n|---|---|---|\n")
	for _, c := range closings {
		fmt.Fprintf(&want, "| %d | %s | %s |\n", c.code, c.why, c.advice)
	}
	if !strings.Contains(protocolDescription(t), want.String()) {
		t.Errorf("PROTOCOL.md does not have the table\n%s", want.String())
	}
}

// What is known to go wrong with this protocol, and the tests that it does not here.
func TestEveryTrapOfTheProtocolHasItsTests(t *testing.T) {
	tests := testSources(t)
	for _, trap := range []struct{ trap, tests string }{
		// Refusals, which cost a stock client all its unsent work.
		{"overload, restart or a failing store refuses an op", "TestFloodIsReadSlowlyAndAnsweredInFull TestRefusalWaitsForWhatStandsInTheWay TestDocumentThatCannotBeReadIsAnErrorToReadersAndClosesWriters TestShutdownTellsSessionsToComeBackAndKeepsTheirWork TestMessageThatCannotBeStoredEndsTheRoomAndIsNotAcknowledged"},
		{"a malformed op is mended, and author and document differ", "TestBadMessageIsRefusedAndChangesNothing TestFinalNewlineOfRichTextStays"},
		{"a refusal has no code, or one of its own invention", "TestEveryCodeIsDescribedAndTested TestBadMessageIsRefusedAndChangesNothing"},
		{"a create of another type passes for a malformed op", "TestBadMessageIsRefusedAndChangesNothing"},
		{"a refusal sends the whole request back", "TestRefusalRepeatsOnlyWhatRoutesIt TestRefusalIsRoutedByTheActionAlone"},
		{"edits of missing, existing and deleted documents are mixed up", "TestEditOfAMissingDocumentIsRefused TestDeletedDocumentKeepsItsVersionAndRefusesEdits TestBadMessageIsRefusedAndChangesNothing"},
		{"an op made ahead of the document is taken", "TestBadMessageIsRefusedAndChangesNothing"},
		{"an op older than what is kept hangs or ends the room", "TestWorkFromBeforeWhatIsKeptIsRefusedAndTheRoomGoesOn"},
		// Order and delivery.
		{"an acknowledgement overtakes the ops before it", "TestAuthorWhoIsNotSubscribedGetsWhatItMissedBeforeTheAcknowledgement TestRequestsOfOneMemberAreAnsweredInOrder TestSimulatedFaultsNeverLoseOrDoubleAnEdit"},
		{"melody drops what does not fit its buffer", "TestReaderThatFallsBehindIsCutAndHoldsNoMemory TestSlowReaderIsCutOffAndOthersGoOn"},
		{"melody reads 512 bytes and lets every page connect", "TestMessageOfTenMegabytesIsRefusedByTheLimit TestSocketIsOpenedOnlyForPagesThatMay"},
		{"what is no UTF-8 is passed on to everybody", "TestInvalidUTF8ClosesTheConnection"},
		{"halves of surrogate pairs are lost", "TestHalvesOfASurrogatePairSurvive"},
		{"1.0 and 1e0 are no versions; A is taken for a", "TestNumbersAreJavaScripts TestKeysAreCaseSensitiveAndUnknownOnesPassedOver"},
		{"one of the two forms of a delta is not known", "TestDeltaIsAcceptedAsAListAndAsAnObject"},
		{"a missing document becomes one of another type", "TestMissingDocumentHasAnExplicitNullType"},
		{"a client waits for ever for the type it knows", "TestHandshakeGivesAnIDAndKeepsTheOneAClientComesBackWith"},
		// Identity.
		{"catch-up without src and seq doubles work", "TestClientFindsItsOwnWorkInTheCatchUp"},
		{"sequence numbers of one document are taken to have no gaps", "TestOneConnectionEditsSeveralDocuments"},
		{"a client that comes back is thrown out by its own old connection", "TestTwoLiveConnectionsOfOneClientShareItsIdentity TestCursorOfAReturnedClientOutlivesItsOldConnection"},
		{"a copy is looked for only among the ops since its version", "TestResubmissionAfterALostAcknowledgementIsAppliedOnce TestCopyOfAnEditItsAuthorHasPassedIsAnErrorNotAnAcknowledgement"},
		{"whoever knows a src can use up its numbers", "TestNobodySeesAnotherClientsSecret"},
		{"sequence numbers end", "TestSequenceNumberBeyondWhatJavaScriptCountsHasACodeOfItsOwn"},
		// Sizes.
		{"an hour offline is larger than a message may be", "TestMessageOfTenMegabytesIsRefusedByTheLimit TestWhoMissedALotGetsItAtThePaceOfItsConnection"},
		{"compressed messages have no limit", "TestCompressedBombIsCutAtTheLimitOfWhatItBecomes"},
		// Transforms.
		{"an op without effect is refused as none", "TestEditOfNothingIsStoredAndCounts"},
		{"two inserts at one place change sides", "TestConcurrentEditsMeetAndTheCommittedOneStaysLeft"},
		{"ops that a subscriber has are sent again before each acknowledgement", "TestCopiesOfAnEditThatIsNotYetDurableAreAcknowledgedOncePerConnection TestConcurrentEditsMeetAndTheCommittedOneStaysLeft"},
		{"names that every JavaScript object has", "TestNamesThatEveryObjectHasAreRefusedInShareDBsWords"},
		{"versions go backwards", "TestDeletedDocumentKeepsItsVersionAndRefusesEdits TestDocumentWhoseLogIsDamagedIsAnErrorNotAnEmptyDocument TestSimulatedFaultsNeverLoseOrDoubleAnEdit"},
		// Presence.
		{"everyone asks everyone where they are", "TestNewcomerIsToldWhereEveryoneIsAfterEditsMovedThem TestCursorAnnouncedAgainAsItIsKnownIsNotPassedOn"},
		{"cursors of who is gone stay", "TestCursorsGoWhenTheirOwnerDoes TestPresencesOfSeveralDocumentsGoWithTheirConnection"},
		{"presence queues before ops for a slow reader", "TestAFloodOfPresencesTakesTheRoomOfOne"},
		// What is not there.
		{"queries and projections hang", "TestBadMessageIsRefusedAndChangesNothing"},
	} {
		for name := range strings.FieldsSeq(trap.tests) {
			if !strings.Contains(tests, "func "+name+"(") && !strings.HasPrefix(name, "TestEveryCode") {
				t.Errorf("%s: there is no %s", trap.trap, name)
			}
		}
	}
}
