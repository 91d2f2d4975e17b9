using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The same kernel gives the same text, and the text is one that was reviewed.</summary>
[TestFixture]
internal sealed class ProgramTests
{
    private static readonly PtxTarget Ptx = new(70, 80);
    private static readonly OpenClTarget OpenCl = new();

    private static readonly MethodInfo Map = GeneratedPrograms.Kernel(typeof(Elementwise), "MapKernel").MakeGenericMethod(typeof(LeakyRelu));
    private static readonly MethodInfo Sum = GeneratedPrograms.Kernel(typeof(Reduce), "SumKernel").MakeGenericMethod(typeof(Square));
    private static readonly MethodInfo Loop = GeneratedPrograms.Kernel(typeof(Construct), "Kernel").MakeGenericMethod(typeof(FlowConstructs.RegistersInALoop));

    /// <summary>A child's side of the tests below: what it prints tells all texts from any others.</summary>
    public static string HashOfAll()
    {
        var texts = GeneratedPrograms.All(Ptx).Concat(GeneratedPrograms.All(OpenCl)).Select(program => program.Value);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts))));
    }

    /// <summary>A child's side again: compiles a kernel, and what GAN_DEBUG says of it goes to the output.</summary>
    public static void CompileLoudly()
    {
        Console.SetError(Console.Out);
        KernelCompiler.Text(Map, 256, OpenCl);
    }

    [Test]
    public void TheSameInEveryProcess()
    {
        string[] lines = ChildProcess.Run(ChildProcess.ProgramsWork);
        Assert.That(lines[^1], Is.EqualTo(HashOfAll()));
    }

    [Test]
    public void TheSameInEveryOrder()
    {
        var product = GeneratedPrograms.MatrixProduct(typeof(SmallTile), typeof(AlongDepth), typeof(AlongSide), typeof(OneByOne));
        MethodInfo[] kernels = [Map, Sum, Loop, product];
        string[] forward = [.. kernels.Select(kernel => KernelCompiler.Text(kernel, 256, Ptx))];
        string[] backward = [.. kernels.Reverse().Select(kernel => KernelCompiler.Text(kernel, 256, Ptx))];
        Assert.That(backward.Reverse(), Is.EqualTo(forward));
    }

    [Test]
    public void SwappedViewsKeepTheirTypes()
    {
        string text = KernelCompiler.Text(typeof(ProgramTests).GetMethod(nameof(SwapKernel))!, 256, OpenCl);
        Assert.That(text, Does.Contain("__global float* t0 = ").And.Not.Contain("const __global"), "an assignment can't drop a const");
    }

    public static void SwapKernel(Index1D i, ArrayView<float> x, ArrayView<float> y, int times)
    {
        for (int k = 0; k < times; k++)
        {
            x[i] += 1f;
            (x, y) = (y, x);
        }
    }

    [Test]
    public void AnOffsetThatPtxHasNoRoomForIsAdded()
    {
        string text = KernelCompiler.Text(typeof(ProgramTests).GetMethod(nameof(FarKernel))!, 256, Ptx);
        Assert.That(text, Does.Contain("+1999999996]").And.Contain(", 1500000000, 4, ").And.Not.Contain("6000000000"));
    }

    [Test]
    public void SoTheAssemblerTakesIt()
    {
        string text = KernelCompiler.Text(typeof(ProgramTests).GetMethod(nameof(FarKernel))!, 256, Ptx);
        Assert.That(Assembler.Assemble(new Dictionary<string, string> { ["far"] = text }, 80)["far"].SpilledBytes, Is.Zero);
    }

    public static void FarKernel(Index1D i, ArrayView<float> x) => x[0] = x[499_999_999L] + x[1_500_000_000L];

    [Test]
    public void AnElementwiseKernelReadsAsReviewed() => Check("map", Map);

    [Test]
    public void AReductionReadsAsReviewed() => Check("sum", Sum);

    [Test]
    public void ALoopOverRegistersReadsAsReviewed() => Check("loop", Loop);

    [TestCase("2")]
    [TestCase("3")]
    [TestCase("4")]
    public void DebuggingPrints(string level)
    {
        string output = string.Join('\n', ChildProcess.Run(ChildProcess.CompileWork, ("GAN_DEBUG", level)));
        Assert.That(output.Contains("kernel MapKernel<LeakyRelu>, groups of 256\nparameter 0: float f_Slope"), Is.EqualTo(level != "2"), output);
        Assert.That(output.Contains("__kernel __attribute__((reqd_work_group_size(256, 1, 1)))"), Is.EqualTo(level == "4"), output);
    }

    private static void Check(string name, MethodInfo kernel)
    {
        GoldenText.Check($"{name}.ptx", KernelCompiler.Text(kernel, 256, Ptx));
        GoldenText.Check($"{name}.cl", KernelCompiler.Text(kernel, 256, OpenCl));
    }
}
