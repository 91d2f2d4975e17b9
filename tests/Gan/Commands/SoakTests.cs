using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A long training holds at its end what it held at its beginning.</summary>
[Parallelizable]
public sealed class SoakTests
{
    private const long Mebibyte = 1 << 20;
    private const double Compiled = 120; // seconds after which the runtime has compiled again what is called often, and rarely

    // The second form is the recipe's own: GAN_THOROUGH=500 makes a million steps of it.
    [TestCase("--limit 3200 --batch 16 --samples 16", 2_000)]
    [ExhaustiveCase("--limit 8800 --batch 16", 2_000)]
    public void MemoryAndHandlesStayFlat(string options, int steps)
    {
        if (!MemoryLog.IsPossible)
            Assert.Ignore("memory and handles are read from Linux's /proc");
        steps *= Thoroughness.Factor;
        using var gan = new GanProgram();
        string log = gan["memory.csv"], hook = $"DOTNET_STARTUP_HOOKS={typeof(MemoryLog).Assembly.Location}";
        string training = $"train --recipe sdl --dataset digits {options} --steps {steps} --threads 1 --output run -q";
        using var process = gan.StartOf(["env", hook, $"{MemoryLog.Variable}={log}", "dotnet", GanProgram.Dll, .. training.Split(' ')]);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, error);

        var rows = MemoryLog.Read(log);
        TestContext.Out.WriteLine(string.Join('\n', rows.Where((_, i) => i % Math.Max(1, rows.Length / 40) == 0)));
        Flat(rows[(rows.Length / 2)..], row => row.Live); // the start is not counted
        Flat([.. rows.Where(row => row.Seconds > Compiled)], row => row.Anonymous);
    }

    private static void Flat(MemoryLog[] rows, Func<MemoryLog, long> bytes)
    {
        if (rows is [])
            return; // a short training
        var (first, second) = (rows[..((rows.Length + 1) / 2)], rows[(rows.Length / 2)..]);
        Assert.That(second.Min(bytes), Is.LessThan(first.Min(bytes) + Mebibyte)); // the least, for a checkpoint in writing is not held
        Assert.That(second.Min(row => row.Handles), Is.LessThanOrEqualTo(first.Max(row => row.Handles)));
    }
}
