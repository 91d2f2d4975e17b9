using GanFromScratch.Autograd;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using ILGPU;
using Device = GanFromScratch.Tensors.Device;

namespace GanFromScratch.Tests;

/// <summary>Runs kernels in a child process, on a simulator of OpenCL that watches every access, and so is slow: all is tiny.</summary>
internal static class CheckedKernels
{
    public const string Ops = "checked-ops", Products = "checked-products", Convolutions = "checked-convolutions", Step = "checked-step";
    public const string Race = "planted-race", Bounds = "planted-bounds";

    public static readonly Dictionary<string, Action> Works = new()
    {
        [Ops] = () => OnSimulator(RunOps),
        [Products] = () => OnSimulator(RunProducts),
        [Convolutions] = () => OnSimulator(RunConvolutions),
        [Step] = () => OnSimulator(TrainAStep),
        [Race] = () => OnSimulator(device => RunPlanted(device, Racing)),
        [Bounds] = () => OnSimulator(device => RunPlanted(device, BehindTheEnd)),
    };

    private static void OnSimulator(Action<Device> run)
    {
        var catalog = new DeviceCatalog();
        using var folder = new TestFolder();
        var found = catalog.Find("opencl", null);
        using var device = catalog.Open(found, new DeviceSettings(folder.Path, 0, TextWriter.Null));
        Console.WriteLine(found.Model);
        run(device);
        device.Synchronize();
        Console.WriteLine("done");
    }

    private static void RunOps(Device device)
    {
        foreach (var row in OpTable.Structured)
        {
            using var tape = new Tape(device);
            var inputs = row.Inputs(device, 3, 5);
            bool twice = row.Name is "a formula" or "a loss"; // the kernels of second derivatives; other ops' are made of the same ones
            var first = tape.Gradients(row.On(tape, inputs).Sum(), inputs, differentiable: twice);
            if (twice)
                _ = tape.Gradients(first[inputs[0]].Sum(), inputs);
        }
    }

    /// <summary>Each tile and width over two blocks of k and a rest, at an edge of the matrix.</summary>
    private static void RunProducts(Device device)
    {
        foreach (int width in (int[])[4, 1])
        {
            Run<LargeTile>();
            Run<MiddleTile>();
            Run<SmallTile>();
            Run<FineTile<ThirtyTwo>>();

            void Run<T>()
                where T : struct, ITile<T>
            {
                int m = 4 + width, k = (2 * T.Depth) + width, n = 8 + width;
                using var a = Numbers.Some(device, new Shape(m, k), seed: 1);
                using var b = Numbers.Some(device, new Shape(k, n), seed: 2);
                using var y = new Tensor(device, new Shape(m, n));
                var arguments = new MatMulArguments<DeviceStore>(a.On(device), b.On(device), y.On(device), default, m, n, k);
                DeviceGemm.WithTile<T, DeviceStore>(device, false, false, arguments);
            }
        }
    }

    /// <summary>
    /// Each tile and width over more than two blocks of k, with zeros on all sides and grids of several sizes; the pixels of a gradient are
    /// two blocks.
    /// </summary>
    private static void RunConvolutions(Device device)
    {
        foreach (int channels in (int[])[4, 3])
        {
            var it = new ConvolutionCase(new Shape(1, 5, 3, channels), Window.Padded(4, 2, 2), channels + 4);
            using Tensor x = Numbers.Some(device, it.Pictures, 1), w = Numbers.Some(device, it.Kernel, 2);
            using Tensor y = Numbers.Some(device, it.Result, 3), bias = Numbers.Some(device, new Shape(channels + 4), 4);
            foreach (var tile in (TileKind[])[TileKind.Large, TileKind.Middle, TileKind.Small, TileKind.Fine])
            {
                var layer = new DeviceBias<LeakyRelu>(new(0.2f), bias.On(device));
                DeviceConvolution.Launch(tile, new(x, w, it.Window, false, y), layer);
                DeviceConvolution.Launch(tile, new(y, w, it.Window, true, x), default(DeviceStore));
            }
        }
        var thin = new ConvolutionCase(new Shape(1, 23, 23, 1), Window.Same(3, 1, 23, 23), 1);
        using Tensor pictures = Numbers.Some(device, thin.Pictures, 1), dy = Numbers.Some(device, thin.Result, 2);
        using var dw = Numbers.Some(device, thin.Kernel, 3);
        foreach (int blocks in (int[])[0, 2])
        {
            var grid = PatchGrid.Of(thin.Pictures, thin.Window, thin.Result);
            DeviceKernelGradient.Launch(TileKind.Fine, blocks, grid, pictures, dy, dw, accumulates: true);
        }
    }

    private static void TrainAStep(Device device)
    {
        const int Pixels = 12;
        var recipe = new SmallOdog();
        using var model = new SteppedModel(recipe, device, Pixels, 3);
        using var real = new Tensor(device, new Shape(recipe.Batch, Pixels));
        RandomNumbers.Uniform(new RandomStream(1, 1), -1f, 1f, real);
        var result = model.Step(real);
        Console.WriteLine($"{result[Metric.DiscriminatorLoss]} {result[Metric.GeneratorLoss]}");
    }

    private static void RunPlanted(Device device, Action<Views> kernel)
    {
        using Tensor x = Numbers.Some(device, new Shape(32), seed: 1), y = new(device, new Shape(32));
        Launcher.Groups(device, new Index2D(1, 1), 32, kernel, new Views(x.On(device), y.On(device)));
    }

    internal readonly record struct Views(ArrayView<float> X, ArrayView<float> Y);

    /// <summary>Reads a neighbour's number without waiting for it.</summary>
    private static void Racing(Views p)
    {
        var shared = SharedMemory.Allocate<float>(32);
        shared[Group.IdxX] = p.X[Group.IdxX];
        p.Y[Group.IdxX] = shared[31 - Group.IdxX];
    }

    /// <summary>Writes four bytes behind all memory that a small device buffer has.</summary>
    private static void BehindTheEnd(Views p)
    {
        const int Far = 1 << 20;
        p.Y[Group.IdxX == 0 ? Far : Group.IdxX] = p.X[Group.IdxX];
    }
}
