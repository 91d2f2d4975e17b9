using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Modes;

/// <summary>Trains the runs of `gan modes`, one for each set and seed; shows scores and means over seeds, and writes files.</summary>
internal sealed class ModesSweep
{
    private readonly RunFolder _folder;
    private readonly Screen _screen;
    private readonly DeviceChoice _choice;
    private readonly IReadOnlyList<ModesRun> _runs;
    private readonly List<ModesRun> _lost = [];
    private readonly Dictionary<ModesRun, ModesScore> _scores = [];
    private readonly AppendLog _log;
    private readonly long _allSteps;
    private long _steps;
    private GanException? _diverged;

    private string Done => $"{_scores.Count} of {Plural.Of(_runs.Count, "run")}";

    /// <summary>Creates the log and the settings.</summary>
    public ModesSweep(RunFolder folder, Screen screen, DeviceChoice choice, IReadOnlyList<ModesRun> runs)
    {
        (_folder, _screen, _choice, _runs) = (folder, screen, choice, runs);
        _allSteps = runs.Sum(run => (long)run.Steps);
        _log = new AppendLog(Path.Combine(folder.Name, "modes.csv"), "set,seed,modes,of,high_quality,reverse_kl,steps,seconds\n");
        WriteSettings(choice, runs);
    }

    /// <summary>
    /// Trains all runs. On the CPU, each thread trains its own run, if networks are too small for more or there are runs enough.
    /// </summary>
    /// <param name="device">The device, if runs are not side by side.</param>
    /// <param name="stop">Cancels all runs.</param>
    /// <returns>Done, Interrupted, or Diverged if any run did.</returns>
    /// <exception cref="GanException">Writing: a file can't be written.</exception>
    public ExitCode Run(Device device, CancellationToken stop)
    {
        _screen.Say($"losses  {_runs[0].Objective}");
        foreach (var run in _runs.DistinctBy(run => run.Set))
        {
            string steps = $"{Plural.Of(run.Steps, "step")} of {run.Batch} {run.Set.SamplesAre}";
            _screen.Say($"{run.Set.Name,-8}{run.Set.Modes:N0} modes; {run.Recipe.Summary}, {steps}");
        }
        _screen.Say($"device  {_choice}");
        _screen.Say($"output  {_folder.Name}");
        bool ended = _screen.During(() => RunAll(device, stop));
        _screen.Say();
        foreach (var scores in _scores.GroupBy(pair => pair.Key.Set, pair => pair.Value))
            SayMeans(scores.Key, [.. scores]);
        if (!ended)
            Screen.Error($"Interrupted after {Done}; their scores are in {_folder.Name}.");
        else if (_diverged is not null)
            Screen.Error(_diverged.Message);
        return !ended ? ExitCode.Interrupted : _diverged is not null ? ExitCode.Diverged : ExitCode.Done;
    }

    // false if interrupted
    private bool RunAll(Device device, CancellationToken stop)
    {
        try
        {
            int threads = _choice.Threads ?? 1, workers = Math.Min(threads, _runs.Count);
            bool areSmall = _runs.All(run => run.Set is Mixture);
            if (workers > 1 && (areSmall || workers == threads))
                SideBySide(workers, stop);
            else
                OneAfterAnother(new ConcurrentQueue<ModesRun>(_runs), device, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void SideBySide(int workers, CancellationToken stop)
    {
        var waiting = new ConcurrentQueue<ModesRun>(_runs);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        ExceptionDispatchInfo? fault = null;
        var threads = Enumerable.Range(0, workers).Select(_ => new Thread(() =>
        {
            try
            {
                using var device = new CpuDevice(threads: 1);
                OneAfterAnother(waiting, device, failed.Token);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(e), null);
                failed.Cancel();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        fault?.Throw();
    }

    private void OneAfterAnother(ConcurrentQueue<ModesRun> waiting, Device device, CancellationToken stop)
    {
        while (waiting.TryDequeue(out var run))
        {
            try
            {
                Report(run, run.Run(device, Stepped, stop));
            }
            catch (GanException fault) when (fault.Code == ExitCode.Diverged)
            {
                // other seeds continue
                Interlocked.CompareExchange(ref _diverged, fault, null);
                lock (_scores)
                {
                    _lost.Add(run);
                    _screen.Say($"{run.Set.Name}, seed {run.Seed}: diverged");
                }
            }
        }
    }

    private void Stepped()
    {
        long done = Interlocked.Increment(ref _steps);
        if (!_screen.IsLive || done % Math.Clamp(_allSteps / 1000, 1, 100) != 0)
            return;
        lock (_scores)
            _screen.Show($"{Done} done, {100.0 * done / _allSteps:0} % of all steps");
    }

    private void Report(ModesRun run, (ModesScore Score, double Seconds) result)
    {
        var (score, seconds) = result;
        lock (_scores)
        {
            _scores[run] = score;
            string scores = string.Create(
                CultureInfo.InvariantCulture, $"{score.Covered},{run.Set.Modes},{score.HighQuality:R},{score.ReverseKl:R}");
            string duration = string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0}"), time = ConsoleSink.Describe(seconds);
            _log.Append($"{run.Set.Name},{run.Seed},{scores},{run.Steps},{duration}");
            string quality = score.HighQuality is { } share ? $"{100 * share:0.0} % within 3 sigma, " : "";
            _screen.Say($"{run.Set.Name}, seed {run.Seed}: {score.Covered:N0} of {run.Set.Modes:N0} modes, "
                + $"{quality}reverse KL {score.ReverseKl:0.0000}  ({time})");
            if (run.Pictures is not { Count: > 0 } pictures)
                return;
            AnimatedGif.Write(Path.Combine(_folder.Name, $"{run.Set.Name}.gif"), pictures, delay: 8);
            ImageWriter.Write(Path.Combine(_folder.Name, $"{run.Set.Name}.png"), pictures[^1]);
        }
    }

    private void SayMeans(ModeSet set, IReadOnlyList<ModesScore> scores)
    {
        var (modes, modesError) = MeanAndError.Of(scores.Select(score => (double)score.Covered));
        var (kl, klError) = MeanAndError.Of(scores.Select(score => score.ReverseKl));
        string quality = "";
        if (scores.All(score => score.HighQuality is not null))
        {
            var (share, error) = MeanAndError.Of(scores.Select(score => 100 * score.HighQuality!.Value));
            quality = $"{share:0.0}±{error:0.0} % within 3 sigma, ";
        }
        int diverged = _lost.Count(run => run.Set == set);
        string of = diverged > 0
            ? $"{scores.Count} of {scores.Count + diverged} seeds, for the others diverged"
            : Plural.Of(scores.Count, "seed");
        _screen.Say($"{set.Name}, {of}: {modes:0.0}±{modesError:0.0} of {set.Modes:N0} modes, "
            + $"{quality}reverse KL {kl:0.0000}±{klError:0.0000} (mean and standard error)");
    }

    /// <summary>Writes `settings.json` of `gan modes`.</summary>
    private void WriteSettings(DeviceChoice device, IReadOnlyList<ModesRun> runs) => JsonFile.Write(
        Path.Combine(_folder.Name, SettingsFile.Name), json =>
    {
        json.WriteString("command", "modes");
        json.WriteString("device", device.Name);
        json.WriteOptional("threads", device.Threads);
        json.WriteStartArray("sets");
        foreach (var of in runs.GroupBy(run => run.Set))
        {
            var first = of.First();
            json.WriteStartObject();
            json.WriteString("set", of.Key.Name);
            (of.Key as StackedDigits)?.WriteSource(json);
            json.WriteString("networks", first.Recipe.Summary);
            json.WriteNumber("noise_size", first.Recipe.NoiseSize);
            json.WriteNumber("steps", first.Steps);
            json.WriteNumber("batch", first.Batch);
            json.WriteNumber("learning_rate", first.Optimiser.ForGenerator(first.Recipe.GeneratorAdam).LearningRate);
            json.WriteNumber("first_seed", first.Seed);
            json.WriteNumber("seeds", of.Count());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WritePropertyName("objective");
        JsonSerializer.Serialize(json, ObjectiveRequest.Of(runs[0].Objective), SettingsJson.Default.ObjectiveRequest);
    });
}
