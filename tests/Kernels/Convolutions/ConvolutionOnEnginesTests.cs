using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Convolutions as kernels, on every engine, equal the definition's loops to the bit: by the door, and with each tile by name.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class ConvolutionOnEnginesTests(Engine engine)
{
    private const int All = 0, OneByOne = 1, TwoByTwo = 2; // blocks at once of a kernel's gradient

    /// <summary>One activation for all, because drivers take seconds for a large tile's kernel.</summary>
    private static readonly LeakyRelu Leaky = new(0.2f);

    private static readonly TileKind[] Tiles = [TileKind.Middle, TileKind.Small, TileKind.Fine];

    private Device _device = null!;

    /// <summary>
    /// Channels that are read four at a time and one by one, over the edges of tiles and of blocks of k, with grids that differ in size,
    /// and more than two blocks of pixels.
    /// </summary>
    private static ConvolutionCase[] OverEdges =>
    [
        new(new Shape(11, 29, 15, 12), Window.Padded(4, 2, 1), 36),
        new(new Shape(2, 28, 28, 3), Window.Same(3, 1, 28, 28), 5),
    ];

    private ConvolutionCase[] Cases => engine.IsFast ? [.. ConvolutionCase.Odd, .. ConvolutionCase.Large] : ConvolutionCase.Odd[..8];

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void TheDoorGivesTheDefinition()
    {
        foreach (var it in Cases)
        {
            var numbers = new Numbered(_device, it);
            using (numbers)
            {
                Convolution.Run(numbers.X, numbers.W, it.Window, transposed: false, numbers.Y);
                Convolution.Run(numbers.DY, numbers.W, it.Window, transposed: true, numbers.DX);
                Convolution.KernelGradient(numbers.X, numbers.DY, it.Window, numbers.DW);
                Convolution.KernelGradient(numbers.X, numbers.DY, it.Window, numbers.More, accumulates: true);
                numbers.AssertAll($"{it}");
            }
        }
    }

    [Sampled(9)]
    public void EveryTileGivesTheDefinition([ValueSource(nameof(Tiles))] TileKind tile)
    {
        foreach (var it in engine.IsFast ? OverEdges : [Small(4), Small(3)])
        {
            var grid = PatchGrid.Of(it.Pictures, it.Window, it.Result);
            foreach (int blocks in engine.IsFast ? (int[])[All, OneByOne, TwoByTwo] : [TwoByTwo])
            {
                using var numbers = new Numbered(_device, it);
                DeviceConvolution.Launch(tile, new(numbers.X, numbers.W, it.Window, false, numbers.Y), default(DeviceStore));
                DeviceConvolution.Launch(tile, new(numbers.DY, numbers.W, it.Window, true, numbers.DX), default(DeviceStore));
                DeviceKernelGradient.Launch(tile, blocks, grid, numbers.X, numbers.DY, numbers.DW, accumulates: false);
                DeviceKernelGradient.Launch(tile, blocks, grid, numbers.X, numbers.DY, numbers.More, accumulates: true);
                numbers.AssertAll($"{it}, {blocks} blocks at once");
            }
        }
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void BiasAndActivationAreThoseOfTheProcessor()
    {
        using var cpu = new CpuDevice(1);
        foreach (var it in engine.IsFast ? ConvolutionCase.Odd : [Small(4), Small(3)])
        {
            foreach (bool transposed in new[] { false, true })
            {
                var (layer, slopes) = Layer(_device, it, transposed);
                var (wanted, wantedSlopes) = Layer(cpu, it, transposed);
                Numbers.AssertSame(layer, wanted, $"{it}, a layer");
                Numbers.AssertSame(slopes, wantedSlopes, $"{it}, a slope");
            }
        }
    }

    /// <summary>A zero outside of the picture meets the kernel's infinity, as on the processor.</summary>
    [Test]
    public void ZerosAtTheEdgeAreMultiplied()
    {
        var it = Small(4);
        float[] x = Numbers.Some(it.Pictures.Count, 1), w = Numbers.Some(it.Kernel.Count, 2);
        w[0] = float.PositiveInfinity;
        using Tensor tx = Tensor.From(_device, it.Pictures, x), tw = Tensor.From(_device, it.Kernel, w);
        using var y = Tensor.Filled(_device, it.Result, 1f);
        Convolution.Run(tx, tw, it.Window, transposed: false, y);
        float[] wanted = NaiveConvolution.Forward(x, it.Pictures, w, it.Window, it.Result);
        Assert.That(wanted, Has.Some.NaN.And.Some.Matches<float>(float.IsFinite));
        Numbers.AssertSame(y.ToArray(), wanted, "with infinity");
    }

    /// <summary>All grids of a stride of 2 are one launch; a gradient is one, or two where its blocks have groups of their own.</summary>
    [Test]
    public void LaunchesAreFew()
    {
        var device = (AcceleratorDevice)_device;
        var it = OverEdges[0] with { Pictures = new Shape(1, 29, 15, 12) };
        using var numbers = new Numbered(device, it);
        Assert.Multiple(() =>
        {
            Assert.That(Launches(() => Convolution.Run(numbers.X, numbers.W, it.Window, false, numbers.Y)), Is.EqualTo(1));
            Assert.That(Launches(() => Convolution.Run(numbers.DY, numbers.W, it.Window, true, numbers.DX)), Is.EqualTo(1));
            Assert.That(Launches(() => Convolution.KernelGradient(numbers.X, numbers.DY, it.Window, numbers.DW)), Is.EqualTo(1));
            Assert.That(Launches(() => Convolution.KernelGradient(numbers.DX, numbers.DY, it.Window, numbers.DW, true)), Is.EqualTo(1));
        });
        if (!engine.IsFast)
            return;
        using var several = new Numbered(device, OverEdges[0]);
        Assert.That(Launches(() => Convolution.KernelGradient(several.X, several.DY, OverEdges[0].Window, several.DW)), Is.EqualTo(2));

        long Launches(Action work)
        {
            long before = device.Launches;
            work();
            return device.Launches - before;
        }
    }

    private static ConvolutionCase Small(int channels) =>
        new(new Shape(1, 5, 4, channels), new Window(3, 3, 2, 1, 1, 1, 0), channels);

    private static (float[] Layer, float[] Slopes) Layer(Device device, ConvolutionCase it, bool transposed)
    {
        var (from, to) = transposed ? (it.Result, it.Pictures) : (it.Pictures, it.Result);
        using Tensor x = Numbers.Some(device, from, 1), w = Numbers.Some(device, it.Kernel, 2);
        using var bias = Numbers.Some(device, new Shape(to[3]), 3);
        using Tensor layer = Tensor.Filled(device, to, float.NaN), slopes = Tensor.Filled(device, to, float.NaN);
        Convolution.Layer(x, w, bias, Leaky, it.Window, transposed, layer);
        Convolution.Backward(x, w, it.Window, transposed, Leaky, layer, slopes);
        return (layer.ToArray(), slopes.ToArray());
    }

    /// <summary>A case's operands, and results to be written.</summary>
    private sealed class Numbered(Device device, ConvolutionCase it) : IDisposable
    {
        public Tensor X { get; } = Numbers.Some(device, it.Pictures, 1);

        public Tensor W { get; } = Numbers.Some(device, it.Kernel, 2);

        public Tensor DY { get; } = Numbers.Some(device, it.Result, 3);

        public Tensor Y { get; } = Tensor.Filled(device, it.Result, float.NaN);

        public Tensor DX { get; } = Tensor.Filled(device, it.Pictures, float.NaN);

        public Tensor DW { get; } = Tensor.Filled(device, it.Kernel, float.NaN);

        /// <summary>A gradient that is added to.</summary>
        public Tensor More { get; } = Numbers.Some(device, it.Kernel, 4);

        public void AssertAll(string what)
        {
            float[] x = X.ToArray(), w = W.ToArray(), dy = DY.ToArray(), before = Numbers.Some(it.Kernel.Count, 4);
            Numbers.AssertSame(Y.ToArray(), NaiveConvolution.Forward(x, it.Pictures, w, it.Window, it.Result), $"{what}: forward");
            Numbers.AssertSame(DX.ToArray(), NaiveConvolution.Transposed(dy, it.Result, w, it.Window, it.Pictures), $"{what}: transposed");
            Numbers.AssertSame(
                DW.ToArray(), NaiveConvolution.KernelGradient(x, it.Pictures, dy, it.Result, it.Window), $"{what}: kernel's gradient");
            Numbers.AssertSame(
                More.ToArray(), NaiveConvolution.KernelGradient(x, it.Pictures, dy, it.Result, it.Window, before), $"{what}: added");
        }

        public void Dispose()
        {
            foreach (var tensor in (Tensor[])[X, W, DY, Y, DX, DW, More])
                tensor.Dispose();
        }
    }
}
