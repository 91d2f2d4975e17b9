using System.Reflection;
using System.Runtime.CompilerServices;
using GanFromScratch.Kernels;
using GanFromScratch.Kernels.Compiler;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The compiler refuses kindly: the kernel's name, the line, the construct, and what to use instead.</summary>
[TestFixture]
internal sealed class RefusalTests
{
    private static readonly ProgramTarget Ptx = new PtxTarget(70, 80), OpenCl = new OpenClTarget();

    public static IEnumerable<string> Kernels => typeof(RefusedKernels).GetMethods().Where(m => m.IsDefined(typeof(RefusedAttribute))).Select(m => m.Name);

    [TestCaseSource(nameof(Kernels))]
    public void Says(string kernel)
    {
        var method = typeof(RefusedKernels).GetMethod(kernel)!;
        var refused = method.GetCustomAttribute<RefusedAttribute>()!;
        string name = method.IsGenericMethod ? $"{kernel}<F>" : kernel;
        string inside = refused.Inside is null ? "" : $", in {refused.Inside}";
        string begin = $"{name}{inside} (RefusedKernels.cs:{LineOf(kernel, refused)}): {refused.Says}";
        Assert.That(() => KernelCompiler.Text(method, 256, OpenCl), Throws.TypeOf<KernelRefusedException>().With.Message.StartsWith(begin));
        if (refused.OpenClOnly)
            Assert.That(KernelCompiler.Text(method, 256, Ptx), Does.Contain("shfl.sync"));
        else
            Assert.That(() => KernelCompiler.Text(method, 256, Ptx), Throws.TypeOf<KernelRefusedException>().With.Message.StartsWith(begin));
    }

    [Test]
    public void AnInstancesMethodIsNoKernel()
    {
        int factor = 3;
        Action<Index1D, ArrayView<int>> kernel = (i, y) => y[i] = factor;
        Assert.That(
            () => KernelCompiler.Text(kernel.Method, 256, Ptx),
            Throws.TypeOf<KernelRefusedException>().With.Message.Match(@"\(RefusalTests\.cs:\d+\): a kernel is a static method that returns nothing"));
    }

    /// <summary>A launch checks its arguments before anything is compiled, and must not hide what the compiler has to say.</summary>
    [Test]
    public void ALaunchRefusesAsKindly()
    {
        using var device = Engine.Ptx.Open();
        using var tensor = new Tensor(device, new Shape(4));
        var view = new ArrayView<int>(tensor.Storage.Handle, 4);
        var y = new ArrayView<float>(tensor.Storage.Handle, 4);
        Assert.That(
            () => Launcher.ForEach(device, 4, RefusedKernels.TupleParameter, view, ((byte)1, 2)),
            Throws.TypeOf<KernelRefusedException>().With.Message.Contains("reorder the fields"));
        Assert.That(
            () => Launcher.ForEach(device, 4, RefusedKernels.DoubleParameter, y, 0.5),
            Throws.TypeOf<KernelRefusedException>().With.Message.Contains("use float"));
        Assert.That(
            () => Launcher.ForEach(device, 4, RefusedKernels.ArrayInStruct, y, default(RefusedKernels.Holder)),
            Throws.TypeOf<KernelRefusedException>().With.Message.Contains("use ArrayView<T>"));
    }

    /// <summary>The line that ends with `// here`, the first one after the kernel's name, or in the method that it calls.</summary>
    private static int LineOf(string kernel, RefusedAttribute refused)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder(), "RefusedKernels.cs"));
        string where = refused.Inside is null ? $" {kernel}" : $" {refused.Inside.Split('<')[0]}";
        int at = Array.FindLastIndex(lines, line => line.Contains(" static ") && (line.Contains($"{where}(") || line.Contains($"{where}<")));
        if (at < 0) // another library's: the line that calls it
            at = Array.FindIndex(lines, line => line.Contains($" {kernel}("));
        else if (refused.Inside is not null)
            return 1 + Array.FindIndex(lines, at, line => line.Contains("=>"));
        return 1 + Array.FindIndex(lines, at, line => line.EndsWith("// here", StringComparison.Ordinal));
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
