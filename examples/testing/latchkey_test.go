package latchkey

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"testing"
)

var server struct{ URL, Control string }

// Starts one server for all tests. LATCHKEY names the folder of Latchkey, which is built.
func TestMain(m *testing.M) {
	cli := os.Getenv("LATCHKEY") + "/dist/cli.js"
	// It ends with this process, even if that is killed.
	program := exec.Command("node", cli, "dev-server", "--json", "--with-parent")
	program.Stderr = os.Stderr
	output, err := program.StdoutPipe()
	if err == nil {
		err = program.Start()
	}
	if err == nil {
		err = json.NewDecoder(output).Decode(&server)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	program.Process.Signal(os.Interrupt)
	program.Wait()
	os.Exit(code)
}

// Sends a request, and returns the status and the JSON of its answer.
func call(t *testing.T, method, address, token string, body any) (int, map[string]any) {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if method == "GET" {
		content = nil
	}
	request, err := http.NewRequest(method, address, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var value map[string]any
	json.NewDecoder(answer.Body).Decode(&value)
	return answer.StatusCode, value
}

func TestAnAccessTokenEndsAfterAQuarterOfAnHour(t *testing.T) {
	_, ada := call(t, "POST", server.Control+"/people", "", map[string]any{})
	_, session := call(t, "POST", server.Control+"/sessions", "", map[string]any{"userId": ada["id"]})
	token := session["accessToken"].(string)
	if status, _ := call(t, "GET", server.URL+"/me", token, nil); status != 200 {
		t.Fatalf("GET /me answers %d", status)
	}

	call(t, "POST", server.Control+"/clock/advance", "", map[string]any{"by": "16m"})
	status, problem := call(t, "GET", server.URL+"/me", token, nil)
	if status != 401 || problem["code"] != "token_expired" {
		t.Fatalf("GET /me answers %d %v", status, problem["code"])
	}
}

func TestABusyServerIsTold(t *testing.T) {
	_, ada := call(t, "POST", server.Control+"/people", "", map[string]any{})
	login := map[string]any{"username": ada["username"], "password": ada["password"]}
	_, overload := call(t, "POST", server.Control+"/faults/overload", "", map[string]any{})
	if status, problem := call(t, "POST", server.URL+"/login", "", login); status != 503 {
		t.Fatalf("POST /login answers %d %v", status, problem)
	}

	call(t, "DELETE", server.Control+"/faults/"+overload["id"].(string), "", map[string]any{})
	if status, problem := call(t, "POST", server.URL+"/login", "", login); status != 200 {
		t.Fatalf("POST /login answers %d %v", status, problem)
	}
}
