using System.Diagnostics;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Runs;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What a program that trains does at a signal.</summary>
public sealed class SignalTests
{
    private const string Training = "train --recipe sdl --dataset digits --limit 96 --batch 32 --samples 4 --threads 1 --output run";
    private const string Endless = $"{Training} --epochs 100000 --checkpoint-every 1000 --sample-every 1000";

    private GanProgram _gan = null!;

    [SetUp]
    public void SetUp()
    {
        _gan = new GanProgram();
        ToolRequirement.Require(File.Exists("/bin/bash") && File.Exists("/usr/bin/env"), "/bin/bash and /usr/bin/env");
    }

    [TearDown]
    public void TearDown() => _gan.Dispose();

    [TestCase("INT", "Ctrl-C")]
    [TestCase("TERM", "SIGTERM")]
    [ExhaustiveCase("HUP", "SIGHUP")]
    [ExhaustiveCase("QUIT", "SIGQUIT")]
    [ExhaustiveCase("XCPU", "SIGXCPU")]
    public void ARequestToEndLeavesACheckpoint(string signal, string name)
    {
        using var process = Start(Endless);
        var error = process.StandardError.ReadToEndAsync();
        Send(process, signal);
        EndsWithACheckpoint(process, error, name);
        _gan.Done($"resume run --steps {Steps()[^1] + 2} -q");
    }

    // a process group, `timeout` and `dotnet run` send a signal twice; a shell that ends sends HUP with it
    [TestCase("TERM", "TERM")]
    [TestCase("INT", "INT")]
    [TestCase("TERM", "HUP")]
    [TestCase("HUP", "INT")]
    public void WhatComesWithinASecondIsTheSameRequest(string first, string second)
    {
        using var process = Start(Endless);
        var error = process.StandardError.ReadToEndAsync();
        Send(process, first, second);
        EndsWithACheckpoint(process, error, "");
    }

    // a step takes seconds: only then can there be a later request
    [TestCase("INT", true)]
    [ExhaustiveCase("TERM", true)]
    [ExhaustiveCase("HUP", false)]
    [ExhaustiveCase("XCPU", false)]
    public void OnlyALaterIntOrTermStopsAtOnce(string later, bool stops)
    {
        using var process = Start("train --dataset digits --limit 20000 --batch 20000 --steps 50 --threads 1 --output run", rows: 1);
        var error = process.StandardError.ReadToEndAsync();
        Processes.WaitUntil(process, () => File.Exists(_gan["run", "samples", "epoch-0000.png"]));
        Thread.Sleep(200); // into the first step
        Send(process, "TERM");
        Thread.Sleep(1200);
        Send(process, later);
        Assert.That(process.WaitForExit(TimeSpan.FromMinutes(4)), Is.True);
        Assert.That(process.ExitCode, Is.EqualTo((int)ExitCode.Interrupted), error.Result);
        Assert.That(Steps(), Has.Length.EqualTo(stops ? 0 : 1), error.Result);
        Assert.That(error.Result.Contains("resumes it there", StringComparison.Ordinal), Is.EqualTo(!stops));
    }

    [TestCase("USR1")]
    [ExhaustiveCase("USR2")]
    public void AskedForACheckpointItTrainsOn(string signal)
    {
        using var process = Start(Endless);
        var error = process.StandardError.ReadToEndAsync();
        for (int i = 0; i < 3; i++)
        {
            int[] before = Steps();
            Send(process, signal);
            Processes.WaitUntil(process, () => Steps().Except(before).Any());
            Assert.That(process.HasExited, Is.False, () => error.Result);
        }
        Send(process, "TERM"); // the first request to end, in spite of what came within this second
        EndsWithACheckpoint(process, error, "SIGTERM");
        int end = Steps()[^1] + 5;
        _gan.Done($"resume run --steps {end} -q");
        string whole = Training.Replace("run", "whole", StringComparison.Ordinal);
        _gan.Done($"{whole} --steps {end} --checkpoint-every 1000 --sample-every 1000 -q");
        RunFiles.Same(_gan["whole"], _gan["run"]);
    }

    [Test]
    [Category(SampledAttribute.Exhaustive)]
    public void WithNohupTheTerminalMayGo()
    {
        using var process = Start("", ["nohup", "dotnet", GanProgram.Dll, .. $"{Training} --epochs 400 -q".Split(' ')]);
        var error = process.StandardError.ReadToEndAsync();
        Send(process, "HUP");
        Assert.That(process.WaitForExit(TimeSpan.FromMinutes(2)), Is.True);
        Assert.That(process.ExitCode, Is.Zero, error.Result);
        Assert.That(Steps()[^1], Is.EqualTo(1200));
    }

    // the live line hides it
    [TestCase("evaluate run --count 500")]
    [ExhaustiveCase("modes --set ring --seeds 0 --output modes")]
    [ExhaustiveCase("train --dataset digits --output another")]
    public void TheCursorIsShownAgain(string command)
    {
        ToolRequirement.Require(File.Exists("/usr/bin/script"), "/usr/bin/script");
        _gan.Done($"{Training} --steps 3 -q");
        using var process = Start("", ["script", "-qfec", $"exec dotnet {GanProgram.Dll} {command}", "/dev/null"]);
        string shown = "";
        var reading = Task.Run(() =>
        {
            var buffer = new char[4096];
            while (process.StandardOutput.Read(buffer) is > 0 and var got)
                shown += new string(buffer, 0, got);
        });
        Processes.WaitUntil(process, () => shown.Contains("\u001b[?25l", StringComparison.Ordinal));
        Thread.Sleep(300);
        process.StandardInput.Write('\u0003'); // Ctrl-C
        process.StandardInput.Flush();
        Assert.That(process.WaitForExit(TimeSpan.FromMinutes(1)), Is.True, () => shown);
        reading.Wait();
        int hidden = shown.LastIndexOf("\u001b[?25l", StringComparison.Ordinal);
        Assert.That(shown.LastIndexOf("\u001b[?25h", StringComparison.Ordinal), Is.GreaterThan(hidden));
        Assert.That(process.ExitCode, Is.EqualTo((int)ExitCode.Interrupted), shown);
    }

    // with the header of the log, and rows of epochs
    private Process Start(string arguments, string[]? command = null, int rows = 2)
    {
        var process = _gan.StartOf(command ?? ["dotnet", GanProgram.Dll, .. arguments.Split(' ')]);
        string log = _gan["run", "loss.csv"];
        if (arguments.Length > 0 || command is ["nohup", ..])
            Processes.WaitUntil(process, () => File.Exists(log) && File.ReadAllLines(log).Length >= rows);
        return process;
    }

    private static void Send(Process process, params string[] signals)
    {
        string kills = string.Join("; sleep 0.3; ", signals.Select(signal => $"kill -{signal} {process.Id}"));
        Processes.Run("/bin/bash", "-c", kills);
    }

    private void EndsWithACheckpoint(Process process, Task<string> error, string name)
    {
        Assert.That(process.WaitForExit(TimeSpan.FromMinutes(1)), Is.True);
        Assert.That(process.ExitCode, Is.EqualTo((int)ExitCode.Interrupted), error.Result);
        Assert.That(error.Result, Does.Contain($"{name}: finishing the step, then a checkpoint; again to stop at once."));
        Assert.That(error.Result, Does.Contain($"Interrupted after step {Steps()[^1]:N0} of").And.Contain("resume run` resumes it there"));
    }

    private int[] Steps() => new CheckpointFolder(RunFolder.CheckpointsOf(_gan["run"])).Steps();
}
