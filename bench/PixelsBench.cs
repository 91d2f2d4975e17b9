using System.Globalization;
using BenchmarkDotNet.Attributes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Bench;

// x[N,H,W,C]: N = 32 pictures of H by W pixels, C channels

/// <summary>
/// Upsampling, padding, sums over pixels and their gradients, at the sizes of convolutional generators' and discriminators' activations.
/// Units are the numbers of x, the smaller pictures.
/// </summary>
public class PixelsBench : KernelBench
{
    private const int Batch = 32;

    private Operands _operands = null!;

    [Params("7x7x128", "14x14x128", "28x28x1")]
    public string Pictures { get; set; } = "7x7x128";

    public override string Size => $"{Batch}x{Pictures}";

    public override long Units => Shape.Count;

    private Shape Shape => new([Batch, .. Pictures.Split('x').Select(extent => int.Parse(extent, CultureInfo.InvariantCulture))]);

    [GlobalSetup]
    public void Setup()
    {
        OpenDevice();
        _operands = new Operands(Device, Shape);
        using var one = new CpuDevice(1);
        var alone = new Operands(one, Shape);
        float[] x = alone.X.ToArray(), means = alone.Means.ToArray();
        int height = Shape[1], width = Shape[2], channels = Shape[3];
        double[] up = new double[4 * x.Length], pooled = new double[x.Length], padded = new double[alone.Pad().Count];
        double[] sums = new double[means.Length], repeated = new double[x.Length];
        float[] large = alone.Upsampled.ToArray();
        for (int i = 0; i < up.Length; i++)
        {
            int c = i % channels, column = i / channels % (2 * width), row = i / channels / (2 * width); // of all pictures' rows
            int at = (((row / 2 * width) + (column / 2)) * channels) + c;
            up[i] = x[at];
            pooled[at] += large[i];
        }
        for (int i = 0; i < x.Length; i++)
        {
            int c = i % channels, column = i / channels % width, row = i / channels / width, picture = row / height;
            padded[((((row + picture) * (width + 1)) + column) * channels) + c] = x[i];
            sums[(picture * channels) + c] += x[i];
            repeated[i] = means[(picture * channels) + c];
        }
        Check("SumPool", pooled, alone, o => o.SumPool());
        Check("Upsample", up, alone, o => o.Upsample());
        Check("Pad", padded, alone, o => o.Pad());
        Check("RepeatPixels", repeated, alone, o => o.RepeatPixels());
        Check("SumPixels", sums, alone, o => o.SumPixels());
    }

    [Benchmark, Floats(5)]
    public void Upsample() => Timed(o => o.Upsample());

    [Benchmark, Floats(5)]
    public void SumPool() => Timed(o => o.SumPool());

    [Benchmark, Floats(2)]
    public void Pad() => Timed(o => o.Pad());

    [Benchmark, Floats(1)]
    public void SumPixels() => Timed(o => o.SumPixels());

    [Benchmark, Floats(1)]
    public void RepeatPixels() => Timed(o => o.RepeatPixels());

    private void Timed(Func<Operands, Tensor> kernel)
    {
        kernel(_operands);
        Device.Synchronize();
    }

    private void Check(string what, double[] expected, Operands alone, Func<Operands, Tensor> kernel)
    {
        float[] result = kernel(_operands).ToArray();
        Agreement.SameBits(what, kernel(alone).ToArray(), result);
        Agreement.Near(what, expected, result, 1e-5);
    }

    private sealed class Operands(Device device, Shape shape)
    {
        private readonly Tensor _padded = new(device, new Shape(shape[0], shape[1] + 1, shape[2] + 1, shape[3]));
        private readonly Tensor _small = new(device, shape);
        private readonly Tensor _sums = new(device, new Shape(shape[0], shape[3]));

        public Tensor X { get; } = Inputs.Uniform(device, shape, 1, 0.5f, 1.5f);

        public Tensor Upsampled { get; } = Inputs.Uniform(device, new Shape(shape[0], 2 * shape[1], 2 * shape[2], shape[3]), 2);

        public Tensor Means { get; } = Inputs.Uniform(device, new Shape(shape[0], shape[3]), 3);

        public Tensor Upsample()
        {
            Pixels.Upsample(X, Upsampled);
            return Upsampled;
        }

        public Tensor SumPool()
        {
            Pixels.SumPool(Upsampled, _small);
            return _small;
        }

        public Tensor Pad()
        {
            Pixels.Pad(X, 0, 0, _padded);
            return _padded;
        }

        public Tensor SumPixels()
        {
            Pixels.SumPixels(X, 1f, _sums);
            return _sums;
        }

        public Tensor RepeatPixels()
        {
            Pixels.RepeatPixels(Means, 1f, _small);
            return _small;
        }
    }
}
