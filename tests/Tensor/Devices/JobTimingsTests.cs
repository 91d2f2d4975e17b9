using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>The table of a processor's jobs that GAN_DEBUG=2 asks for.</summary>
[Quick]
public class JobTimingsTests
{
    [TestCase(2, true)]
    [TestCase(1, false)]
    public void JobsAreTimedOnRequest(int level, bool timed)
    {
        var log = new StringWriter();
        using (var device = new CpuDevice(2, new DeviceSettings("", level, log)))
        {
            var x = Numbers.Some(device, new Shape(16, 48), seed: 1);
            var w = Numbers.Some(device, new Shape(48, 32), seed: 2);
            var y = Numbers.Unwritten(device, 16, 32);
            for (int i = 0; i < 20; i++)
            {
                MatMul.Linear(x, w, Tensor.Filled(device, new Shape(32), 0f), default(Tanh), y);
                Elementwise.Map(new LeakyRelu(0.2f), y, y);
            }
        }
        string[] lines = log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (!timed)
        {
            Assert.That(lines, Is.Empty);
            return;
        }
        Assert.That(lines[0], Does.StartWith("kernel").And.Contain("µs a run").And.Contain("(cpu)"));
        foreach (string name in (string[])["MatMul x·W 16x32x48 Tanh", "MapBody LeakyRelu", "(before a job"])
            Assert.That(lines, Has.One.StartsWith(name));
        var runs = lines[1..].ToDictionary(
            line => line.Split("  ")[0], line => int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^4]));
        Assert.That(runs["MatMul x·W 16x32x48 Tanh"], Is.EqualTo(12), "20 without the first 8, in which it was compiled");
    }
}
