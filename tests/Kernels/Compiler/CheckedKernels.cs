using GanFromScratch.Autograd;
using GanFromScratch.Gan;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Tests;

/// <summary>What a child process does on a simulator of OpenCL that watches every access, and so is slow: everything is tiny here.</summary>
internal static class CheckedKernels
{
    public const string Ops = "checked-ops", Step = "checked-step", Constructs = "checked-constructs", Race = "planted-race";
    public const string Bounds = "planted-bounds", Unwritten = "planted-unwritten";

    public static readonly Dictionary<string, Action> Works = new()
    {
        [Ops] = () => OnSimulator(RunOps),
        [Step] = () => OnSimulator(TrainAStep),
        [Constructs] = () => OnSimulator(RunGroups),
        [Race] = () => OnSimulator(device => RunPlanted(device, Racing)),
        [Bounds] = () => OnSimulator(device => RunPlanted(device, BehindTheEnd)),
        [Unwritten] = () => OnSimulator(device => RunPlanted(device, ReadingUnwritten)),
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

    private static void TrainAStep(Device device)
    {
        const int Pixels = 12;
        var recipe = new Tiny();
        var model = new GanModel(recipe, device, Pixels, 3, batch: 5) { MeasureGradients = true };
        using var real = new Tensor(device, new Shape(5, Pixels));
        RandomNumbers.Uniform(new RandomStream(1, 1), -1f, 1f, real);
        var result = recipe.Step(model, real, new TrainingNoise(recipe, device, 3)).Resolve();
        Console.WriteLine($"{result.DiscriminatorLoss} {result.GeneratorLoss}");
    }

    private static void RunGroups(Device device)
    {
        using Words<float> x = new(device, new float[37 * 20]), y = new(device, new float[37 * 20]);
        Launcher.Groups(device, new GridSize(2, 3), 256, GroupKernels.Transpose, new GroupKernels.Transposition(x.View, y.View, 37, 20));
        using Words<int> numbers = new(device, new int[128]), greatest = new(device, new int[2]);
        using Words<long> sums = new(device, new long[2]);
        Launcher.Groups(device, new GridSize(2), 64, GroupKernels.Tree, new GroupKernels.Trees(numbers.View, sums.View, greatest.View));
        using Words<int> counts = new(device, new int[8]);
        using Words<uint> unsigned = new(device, new uint[2]);
        Launcher.Groups(device, new GridSize(2), 64, GroupKernels.Atomics, new GroupKernels.Counters(counts.View, unsigned.View, 1));
        using Words<float> a = new(device, new float[128]), b = new(device, new float[128]);
        Launcher.Groups(device, new GridSize(1), 32, GroupKernels.SharedVectors, new GroupKernels.TwoViews(a.View, b.View));
    }

    private static void RunPlanted(Device device, Action<GroupKernels.TwoViews> kernel)
    {
        using Words<float> x = new(device, new float[32]), y = new(device, new float[32]);
        Launcher.Groups(device, new GridSize(1), 32, kernel, new GroupKernels.TwoViews(x.View, y.View));
    }

    /// <summary>Reads a neighbour's number without waiting for it.</summary>
    private static void Racing(GroupKernels.TwoViews p)
    {
        var shared = SharedMemory.Allocate<float>(32);
        shared[Group.IdxX] = p.X[Group.IdxX];
        p.Y[Group.IdxX] = shared[31 - Group.IdxX];
    }

    /// <summary>Reads shared memory that nothing was written to.</summary>
    private static void ReadingUnwritten(GroupKernels.TwoViews p)
    {
        var shared = SharedMemory.Allocate<float>(32);
        if (Group.IdxX > 3)
            shared[Group.IdxX] = p.X[Group.IdxX];
        p.Y[Group.IdxX] = shared[Group.IdxX];
    }

    /// <summary>Writes four bytes behind the memory that a tensor has.</summary>
    private static void BehindTheEnd(GroupKernels.TwoViews p)
    {
        const int Granule = 64; // what a device's pool rounds up to
        p.Y[Group.IdxX == 0 ? Granule : Group.IdxX] = p.X[Group.IdxX];
    }

    /// <summary>odog's step with networks of a few neurons.</summary>
    private sealed class Tiny : Odog
    {
        public Tiny() => NoiseSize = 6;

        public override Sequential Generator(LayerFactory make, int pixels) => new(
            make.Linear(NoiseSize, 9, new LeakyRelu(0.2f)),
            make.BatchNorm(9, 0.8f),
            make.Linear(9, pixels, default(Tanh)));

        public override Sequential Discriminator(LayerFactory make, int pixels) => new(
            make.Linear(pixels, 8, new LeakyRelu(0.2f)),
            make.Linear(8, 1));
    }
}
