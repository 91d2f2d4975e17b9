using System.Reflection;
using NUnit.Framework;
using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace GanFromScratch.Tests;

/// <summary>This assembly in a process of its own, where the runtime may be told to leave instruction sets alone.</summary>
internal static class ChildProcess
{
    /// <summary>Names the work; set in a child alone.</summary>
    public const string Variable = "GAN_TEST_CHILD";

    /// <summary>The work that prints the hash of <see cref="Workload"/>.</summary>
    public const string HashWork = "hash";

    /// <summary>The work that runs the tests of <see cref="InstructionSets.EveryWidth"/>.</summary>
    public const string TestsWork = "tests";

    /// <summary>The work that compiles odog's kernels, and prints the milliseconds.</summary>
    public const string ColdStartWork = "cold-start";

    /// <summary>The work that loses a device, <see cref="LostDevice"/>.</summary>
    public const string LossWork = "loss";

    /// <summary>The work that prints <see cref="WrittenBytes.Hash"/>.</summary>
    public const string PicturesWork = "pictures";

    /// <summary>
    /// Starts a child with a setting of the runtime; gives the lines that it printed, the first one its instruction sets.
    /// </summary>
    public static string[] Run(string work, params (string Name, string Value)[] settings)
    {
        string assembly = typeof(ChildProcess).Assembly.Location;
        Dictionary<string, string?> environment = settings.ToDictionary(s => s.Name, s => (string?)s.Value);
        environment[Variable] = work;
        environment["DOTNET_STARTUP_HOOKS"] = assembly;
        bool alone = Assembly.GetEntryAssembly() == typeof(ChildProcess).Assembly; // published with its runner: the process is the assembly
        var result = Processes.Run(
            alone ? Environment.ProcessPath! : Dotnet(), alone ? [] : ["exec", assembly], environment, TimeSpan.FromMinutes(5));
        Assert.That(result.ExitCode, Is.Zero, $"the child that does '{work}' said: {result.Output}{result.Error}");
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>The child's side.</summary>
    public static int Do(string work)
    {
        Console.WriteLine(InstructionSets.Line);
        if (work == HashWork)
        {
            Console.WriteLine(Workload.Hash(threads: 2));
            return 0;
        }
        if (work == ColdStartWork)
        {
            Console.WriteLine(ColdStartTests.Run());
            return 0;
        }
        if (CheckedKernels.Works.TryGetValue(work, out var run))
        {
            run();
            return 0;
        }
        if (work == PicturesWork)
        {
            Console.WriteLine(WrittenBytes.Hash());
            return 0;
        }
        if (work == LossWork)
        {
            Console.WriteLine(LostDevice.Lose());
            return 0;
        }
        var runner = new NUnitTestAssemblyRunner(new DefaultTestAssemblyBuilder());
        runner.Load(typeof(ChildProcess).Assembly, new Dictionary<string, object>());
        var listener = new Reports();
        var result = runner.Run(listener, TestFilter.FromXml($"<filter><cat>{InstructionSets.EveryWidth}</cat></filter>"));
        Console.WriteLine($"{result.PassCount} passed, {result.FailCount} failed");
        return result.FailCount == 0 ? 0 : 1;
    }

    private static string Dotnet() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    private sealed class Reports : ITestListener
    {
        public void TestFinished(ITestResult result)
        {
            if (result.ResultState.Status == TestStatus.Failed && !result.HasChildren)
                Console.WriteLine($"{result.FullName}: {result.Message}");
            if (!result.HasChildren && result.Output.Contains(" ulp at "))
                Console.WriteLine(result.Output.Trim());
        }

        public void TestStarted(ITest test)
        {
        }

        public void TestOutput(TestOutput output)
        {
        }

        public void SendMessage(TestMessage message)
        {
        }
    }
}
