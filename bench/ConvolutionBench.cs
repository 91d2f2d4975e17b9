using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

// x[N,H,W,C] w[R,R,C,O] y[N,H',W',O]: N = 32 pictures, a window of R by R

/// <summary>A convolution of a GAN's discriminator: of square pictures, with a window that keeps their size, or halves it.</summary>
public readonly record struct Layer(int Size, int Channels, int Outputs, int Extent, int Stride)
{
    /// <summary>Multiply-adds for each picture, those with zeros at its edge too.</summary>
    public long MultiplyAdds => (long)OutputSize * OutputSize * Extent * Extent * Channels * Outputs;

    private int OutputSize => (Size + Stride - 1) / Stride;

    public override string ToString() => $"{Size}x{Size}x{Channels} {Extent}x{Extent}/{Stride} {Outputs}";
}

/// <summary>The three products of a convolution, in training's order.</summary>
public class ConvolutionBench : KernelBench
{
    private const int Pictures = 32;

    private Operands _operands = null!;

    [ParamsSource(nameof(Layers))]
    public Layer Layer { get; set; }

    public static IEnumerable<Layer> Layers =>
        [new(28, 64, 64, 3, 1), new(14, 128, 128, 3, 1), new(8, 256, 256, 3, 1), new(28, 64, 128, 4, 2), new(28, 1, 64, 4, 2)];

    public override string Size => Layer.ToString();

    public override long Units => Pictures * Layer.MultiplyAdds;

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        _operands = new Operands(Device, Layer);
        using var one = new CpuDevice(1);
        var alone = new Operands(one, Layer);
        Check("forward", alone, Plain.Forward, o => o.Forward());
        Check("input's gradient", alone, Plain.InputGradient, o => o.InputGradient());
        Check("kernel's gradient", alone, Plain.KernelGradient, o => o.KernelGradient());
    }

    [Benchmark, Flops(2)]
    public void Forward() => Timed(o => o.Forward());

    [Benchmark, Flops(2)]
    public void InputGradient() => Timed(o => o.InputGradient());

    [Benchmark, Flops(2)]
    public void KernelGradient() => Timed(o => o.KernelGradient());

    private void Timed(Func<Operands, Tensor> kernel)
    {
        kernel(_operands);
        Device.Synchronize();
    }

    /// <summary>Throws unless all numbers are those of one thread, to the bit, and some those of a plain loop.</summary>
    private void Check(string what, Operands alone, Func<Plain, int, double> plain, Func<Operands, Tensor> kernel)
    {
        float[] result = kernel(_operands).ToArray();
        Agreement.SameBits(what, kernel(alone).ToArray(), result);
        var loops = new Plain(alone);
        int step = (result.Length / 10) | 1;
        for (int at = 0; at < result.Length; at += step)
            Agreement.Near($"{what}, element {at}", [plain(loops, at)], [result[at]], 1e-3);
    }

    private sealed class Operands
    {
        private readonly Tensor _dx, _dw;

        public Operands(Device device, Layer layer)
        {
            Shape pictures = new(Pictures, layer.Size, layer.Size, layer.Channels);
            Window = Window.Same(layer.Extent, layer.Stride, layer.Size, layer.Size);
            X = Inputs.Uniform(device, pictures, 1);
            W = Inputs.Uniform(device, new Shape(layer.Extent, layer.Extent, layer.Channels, layer.Outputs), 2);
            Y = new Tensor(device, Window.OutputShape(pictures, layer.Outputs));
            DY = Inputs.Uniform(device, Y.Shape, 3);
            _dx = new Tensor(device, pictures);
            _dw = new Tensor(device, W.Shape);
        }

        public Tensor X { get; }

        public Tensor W { get; }

        public Tensor Y { get; }

        public Tensor DY { get; }

        public Window Window { get; }

        public Tensor Forward()
        {
            Convolution.Run(X, W, Window, transposed: false, Y);
            return Y;
        }

        public Tensor InputGradient()
        {
            Convolution.Run(DY, W, Window, transposed: true, _dx);
            return _dx;
        }

        public Tensor KernelGradient()
        {
            Convolution.KernelGradient(X, DY, Window, _dw);
            return _dw;
        }
    }

    /// <summary>Single elements of the products, in double.</summary>
    private sealed class Plain(Operands o)
    {
        private readonly float[] _x = o.X.ToArray(), _w = o.W.ToArray(), _dy = o.DY.ToArray();
        private readonly Shape _pictures = o.X.Shape, _kernel = o.W.Shape, _result = o.Y.Shape;
        private readonly Window _window = o.Window;

        public static double Forward(Plain p, int at)
        {
            var (n, i, j, o) = Places(p._result, at);
            return p.Sum(p._kernel, (v, u, c, other) => other == o ? p.X(n, i, j, v, u, c) * p._w[At(p._kernel, v, u, c, o)] : 0);
        }

        public static double InputGradient(Plain p, int at)
        {
            var (n, row, column, channel) = Places(p._pictures, at);
            return p.Sum(p._kernel, (v, u, c, o) =>
            {
                int i = row + p._window.Top - v, j = column + p._window.Left - u, stride = p._window.Stride;
                return c != channel || i < 0 || j < 0 || i % stride != 0 || j % stride != 0
                    || i / stride >= p._result[1] || j / stride >= p._result[2]
                    ? 0
                    : (double)p._dy[At(p._result, n, i / stride, j / stride, o)] * p._w[At(p._kernel, v, u, c, o)];
            });
        }

        public static double KernelGradient(Plain p, int at)
        {
            var (v, u, c, o) = Places(p._kernel, at);
            return p.Sum(p._result, (n, i, j, other) => other == o ? p.X(n, i, j, v, u, c) * p._dy[At(p._result, n, i, j, o)] : 0);
        }

        private double Sum(Shape over, Func<int, int, int, int, double> term) =>
            Enumerable.Range(0, over.Count).Sum(at => Places(over, at) is var (a, b, c, d) ? term(a, b, c, d) : 0);

        private double X(int n, int i, int j, int v, int u, int c)
        {
            int row = (i * _window.Stride) - _window.Top + v, column = (j * _window.Stride) - _window.Left + u;
            return row < 0 || column < 0 || row >= _pictures[1] || column >= _pictures[2] ? 0 : _x[At(_pictures, n, row, column, c)];
        }

        private static int At(Shape s, int a, int b, int c, int d) => (((((a * s[1]) + b) * s[2]) + c) * s[3]) + d;

        private static (int A, int B, int C, int D) Places(Shape s, int at) =>
            (at / s[3] / s[2] / s[1], at / s[3] / s[2] % s[1], at / s[3] % s[2], at % s[3]);
    }
}
