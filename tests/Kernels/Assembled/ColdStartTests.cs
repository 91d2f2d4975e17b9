using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>How long a process that has just begun takes to compile the kernels of a run.</summary>
[TestFixture]
internal sealed class ColdStartTests
{
    /// <summary>Three seconds are the aim; the bound is twice that, since a machine of CI has other work.</summary>
    [Test]
    public void OdogsKernelsCompileInSeconds()
    {
        int milliseconds = int.Parse(ChildProcess.Run(ChildProcess.ColdStartWork)[^1], CultureInfo.InvariantCulture);
        TestContext.Out.WriteLine($"{milliseconds} ms for {LibraryKernels.OfOdog.Count()} kernels");
        Assert.That(milliseconds, Is.LessThan(6000));
    }

    /// <summary>Compiles them in the child's process; returns the milliseconds.</summary>
    public static long Run()
    {
        var watch = Stopwatch.StartNew();
        var texts = KernelText.Ptx(LibraryKernels.OfOdog.Select(kernel => (kernel.Method, kernel.Threads)), architecture: 80);
        Assert.That(texts.All(text => text.Contains(".entry", StringComparison.Ordinal)), Is.True);
        return watch.ElapsedMilliseconds;
    }
}
