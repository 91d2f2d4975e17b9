using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

// x[N,C]: N = 128 samples, C channels

/// <summary>Batch normalisation in training, backwards and in inference, at the widths of odog's generator.</summary>
public class BatchNormBench : KernelBench
{
    private const int Samples = OdogLayers.Batch;
    private const float Epsilon = 1e-3f;

    private Operands _operands = null!;

    [Params(256, 512, 1024)]
    public int Channels { get; set; }

    public override string Size => $"{Samples}x{Channels}";

    public override long Units => (long)Samples * Channels;

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        _operands = new Operands(Device, Channels);
        using var one = new CpuDevice(1);
        var alone = new Operands(one, Channels);
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
        for (int c = 0; c < Channels; c++)
        {
            int[] channel = [.. Enumerable.Range(0, Samples).Select(n => (n * Channels) + c)];
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

    private sealed class Operands(Device device, int channels)
    {
        private readonly Tensor _mean = new(device, new Shape(channels));
        private readonly Tensor _variance = new(device, new Shape(channels));
        private readonly Tensor _rstd = new(device, new Shape(channels));
        private readonly Tensor _dGamma = new(device, new Shape(channels));
        private readonly Tensor _dBeta = new(device, new Shape(channels));
        private readonly Tensor _y = new(device, new Shape(Samples, channels));
        private readonly Tensor _dx = new(device, new Shape(Samples, channels));

        public Tensor X { get; } = Inputs.Uniform(device, new Shape(Samples, channels), 1, -1f, 3f);

        public Tensor Dy { get; } = Inputs.Uniform(device, new Shape(Samples, channels), 2);

        public Tensor Gamma { get; } = Inputs.Uniform(device, new Shape(channels), 3, 0.5f, 1.5f);

        public Tensor Beta { get; } = Inputs.Uniform(device, new Shape(channels), 4);

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

        public Tensor Inference()
        {
            BatchNorm.Inference(X, Gamma, Beta, _mean, _variance, Epsilon, _y);
            return _y;
        }
    }
}
