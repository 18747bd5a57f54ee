module counter(input clk, input rst, input [1:0] step, output reg [3:0] q, output wrap);
  assign wrap = &q;
  always @(posedge clk)
    if (rst) q <= 4'd0;
    else q <= q + {2'b00, step};
endmodule
