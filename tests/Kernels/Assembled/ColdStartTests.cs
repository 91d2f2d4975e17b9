using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>How long a process that has just begun takes to compile the kernels of a run.</summary>
[TestFixture]
internal sealed class ColdStartTests
{
    private const int Most = 6000, Tries = 4; // a machine has other work at times

    [Test]
    public void OdogsKernelsCompileInSeconds()
    {
        int least = int.MaxValue;
        for (int i = 0; i < Tries && least > Most; i++)
            least = Math.Min(least, int.Parse(ChildProcess.Run(ChildProcess.ColdStartWork)[^1], CultureInfo.InvariantCulture));
        TestContext.Out.WriteLine($"{least} ms for {LibraryKernels.OfOdog.Count()} kernels");
        Assert.That(least, Is.LessThanOrEqualTo(Most));
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
