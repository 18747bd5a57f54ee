// Prints the input of the request, and what the runtime answers to ping and version.
import { input, print, rpc } from "./bless";

print("input: " + input().text);
print(rpc('{"jsonrpc":"2.0","method":"ping","id":1}').text);
print(rpc('{"jsonrpc":"2.0","method":"version","id":2}').text);
