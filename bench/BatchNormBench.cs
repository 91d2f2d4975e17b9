using System.Globalization;
using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

// x[N,C] or x[N,H,W,C]: N samples or pictures of H by W pixels, C channels

/// <summary>
/// Batch normalisation in training, backwards and in inference, at the widths of odog's generator and at the sizes of convolutional
/// networks' activations, beside a plain copy of x.
/// </summary>
public class BatchNormBench : KernelBench
{
    private const float Epsilon = 1e-3f;

    private Operands _operands = null!;

    [Params("128x256", "128x512", "128x1024", "32x28x28x64", "32x14x14x128", "32x4x4x256")]
    public string Activations { get; set; } = "128x256";

    public override string Size => Activations;

    public override long Units => Shape.Count;

    private Shape Shape => new([.. Activations.Split('x').Select(extent => int.Parse(extent, CultureInfo.InvariantCulture))]);

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        _operands = new Operands(Device, Shape);
        using var one = new CpuDevice(1);
        var alone = new Operands(one, Shape);
        var (y, dx) = Reference(alone);
        Check("Forward", y, alone, o => o.Forward());
        Check("Inference", y, alone, o => o.Inference()); // with the batch's own statistics, as Forward left them
        Check("Backward", dx, alone, o => o.Backward());
    }

    [Benchmark, Floats(2)]
    public void Forward() => Timed(o => o.Forward());

    [Benchmark, Floats(3)]
    public void Backward() => Timed(o => o.Backward());

    [Benchmark, Floats(2)]
    public void Inference() => Timed(o => o.Inference());

    [Benchmark, Floats(2)]
    public void Copy() => Timed(o => o.Copy());

    private void Timed(Func<Operands, Tensor> kernel)
    {
        kernel(_operands);
        Device.Synchronize();
    }

    private void Check(string what, double[] expected, Operands alone, Func<Operands, Tensor> kernel)
    {
        float[] result = kernel(_operands).ToArray(), here = kernel(alone).ToArray();
        if (HasBitsOfCpu)
            Agreement.SameBits(what, here, result);
        Agreement.Near(what, expected, result, 1e-4);
    }

    /// <summary>y and dx in double, channel by channel.</summary>
    private (double[] Y, double[] Dx) Reference(Operands o)
    {
        float[] x = o.X.ToArray(), dy = o.Dy.ToArray(), gamma = o.Gamma.ToArray(), beta = o.Beta.ToArray();
        double[] y = new double[x.Length], dx = new double[x.Length];
        int channels = Shape.Columns;
        for (int c = 0; c < channels; c++)
        {
            int[] channel = [.. Enumerable.Range(0, Shape.Rows).Select(n => (n * channels) + c)];
            double mean = channel.Average(i => x[i]);
            double rstd = 1 / Math.Sqrt(channel.Average(i => (x[i] - mean) * (x[i] - mean)) + Epsilon);
            double meanDy = channel.Average(i => dy[i]), meanDyXHat = channel.Average(i => dy[i] * (x[i] - mean) * rstd);
            foreach (int i in channel)
            {
                double xHat = (x[i] - mean) * rstd;
                y[i] = (xHat * gamma[c]) + beta[c];
                dx[i] = gamma[c] * rstd * (dy[i] - meanDy - (xHat * meanDyXHat));
            }
        }
        return (y, dx);
    }

    private sealed class Operands(Device device, Shape shape)
    {
        private readonly Tensor _mean = new(device, new Shape(shape.Columns));
        private readonly Tensor _variance = new(device, new Shape(shape.Columns));
        private readonly Tensor _rstd = new(device, new Shape(shape.Columns));
        private readonly Tensor _dGamma = new(device, new Shape(shape.Columns));
        private readonly Tensor _dBeta = new(device, new Shape(shape.Columns));
        private readonly Tensor _y = new(device, shape);
        private readonly Tensor _dx = new(device, shape);

        public Tensor X { get; } = Inputs.Uniform(device, shape, 1, -1f, 3f);

        public Tensor Dy { get; } = Inputs.Uniform(device, shape, 2);

        public Tensor Gamma { get; } = Inputs.Uniform(device, new Shape(shape.Columns), 3, 0.5f, 1.5f);

        public Tensor Beta { get; } = Inputs.Uniform(device, new Shape(shape.Columns), 4);

        public Tensor Forward()
        {
            BatchNorm.Forward(X, Gamma, Beta, Epsilon, _y, _mean, _variance, _rstd);
            return _y;
        }

        public Tensor Backward()
        {
            BatchNorm.Backward(X, Gamma, _mean, _rstd, Dy, _dx, _dGamma, _dBeta);
            return _dx;
        }

        public Tensor Copy()
        {
            Elementwise.Map(default(Identity), X, _y);
            return _y;
        }

        public Tensor Inference()
        {
            BatchNorm.Inference(X, Gamma, Beta, _mean, _variance, Epsilon, _y);
            return _y;
        }
    }
}
