using System.Diagnostics;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>The two-network loop: batches, steps, means, samples, checkpoints.</summary>
public sealed class Trainer : IDisposable
{
    private const int DivergenceInterval = 32; // steps, where asking means waiting; a parameter that isn't finite keeps its step's number

    private readonly Batches _batches;
    private readonly TrainingNoise _noise;
    private readonly Tensor _fixedNoise;
    private readonly Tensor? _fixedLabels; // class after class, for a conditional recipe
    private readonly CollapseDetector _detector;
    private readonly StepRunner _runner;
    private readonly PendingMetrics _pending;
    private readonly Snapshot _snapshot = new();
    private readonly MetricValues _sum, _last;
    private bool _resumed;
    private volatile bool _checkpointIsAsked;
    private Tensor[] _reals = [];
    private int _step, _stepsOfEpoch, _savedStep;

    /// <summary>Makes a run that has not started: new networks on the device.</summary>
    /// <param name="recipe">The recipe that trains.</param>
    /// <param name="request">What else is asked for.</param>
    /// <param name="images">The pictures.</param>
    /// <param name="device">Where it computes.</param>
    /// <exception cref="GanException">Usage: the request asks for what excludes each other.</exception>
    public Trainer(Recipe recipe, RunRequest request, ImageSet images, Device device)
        : this(recipe, request, images, device, PendingMetrics.LagOn(device))
    {
    }

    /// <summary>Makes a run whose steps are read so many steps late, and whose gradients may be seen.</summary>
    internal Trainer(
        Recipe recipe,
        RunRequest request,
        ImageSet images,
        Device device,
        int lag,
        Action<Sequential, Gradients>? gradientsSeen = null)
    {
        (Recipe, Request, Images, Objective) = (recipe, request, images, request.ObjectiveFor(recipe));
        RequireFit(recipe, images, request.Conditional);
        int classes = recipe.IsConditional ? images.Classes!.Count : 0;
        (ImagesUsed, Batch) = (request.UsedOf(images.Count, recipe, images.Shape), request.BatchFor(recipe, images.Shape));
        var (seed, pack) = (request.Seed, Objective.Pack);
        _batches = new Batches(
            images, ImagesUsed, recipe, Batch, device, SeedStream.Data.Of(seed), Objective.DiscriminatorSteps, pack,
            request.Flip ? SeedStream.Mirrors.Of(seed) : null);
        _noise = new TrainingNoise(recipe, device, seed, classes);
        Model = recipe.Build(
            new BuildContext(device, images.Shape, seed) { Objective = Objective, Optimiser = request.Optimiser, Classes = classes });
        _fixedNoise = _noise.Fixed(request.GridFor(recipe, classes).Samples);
        _fixedLabels = Model.LabelsInTurn(_fixedNoise.Shape.Rows);
        _detector = new CollapseDetector(recipe, Model, pack, _batches, ImagesUsed, seed);
        TotalSteps = StepsOf(recipe, request, _batches.StepsPerEpoch);
        _runner = new StepRunner(recipe, Model, Objective, _noise, Batch, TotalSteps) { GradientsSeen = gradientsSeen };
        if (Metric.Standard.Except(recipe.Metrics).FirstOrDefault() is { } missing)
        {
            throw new ArgumentException(
                $"The recipe {recipe.Name} lacks the metric '{missing.Name}'; its Metrics must have all of Metric.Standard");
        }
        _pending = new PendingMetrics(recipe.Metrics, lag);
        (_sum, _last) = (new MetricValues(recipe.Metrics), new MetricValues(recipe.Metrics));
    }

    /// <summary>The networks.</summary>
    public GanModel Model { get; }

    /// <summary>The recipe that trains.</summary>
    public Recipe Recipe { get; }

    /// <summary>What was asked for.</summary>
    public RunRequest Request { get; }

    /// <summary>The pictures.</summary>
    public ImageSet Images { get; }

    /// <summary>The names of the classes of one's own pictures, by label; null: they have none, or the set is a known one.</summary>
    public IReadOnlyList<string>? OwnClasses => Images.Name == PictureFolder.Name ? Images.Classes : null;

    /// <summary>The loss and its regularisers.</summary>
    public Objective Objective { get; }

    /// <summary>The digest of the checkpoint that the first weights are from; null: they are the recipe's.</summary>
    public string? InitialWeights { get; internal set; }

    /// <summary>Whether the first weights are from a checkpoint with an average of G, which this run doesn't have.</summary>
    internal bool LeavesAverage { get; set; }

    /// <summary>Pictures that are used.</summary>
    public int ImagesUsed { get; }

    /// <summary>Pictures in a whole batch.</summary>
    public int Batch { get; }

    /// <summary>Steps of the whole run.</summary>
    public int TotalSteps { get; }

    /// <summary>Steps taken.</summary>
    public int Step => _step;

    /// <summary>Whole epochs trained.</summary>
    public int Epochs => _step / StepsPerEpoch;

    /// <summary>The diagnoses of the last epoch.</summary>
    public IReadOnlyList<Diagnosis> Diagnoses => _detector.Diagnoses;

    /// <summary>Epochs between two grids.</summary>
    public int SampleEvery => Request.SampleEvery ?? RunRequest.EpochsBetween(StepsPerEpoch);

    /// <summary>Epochs between two checkpoints.</summary>
    public int CheckpointEvery => Request.CheckpointEvery ?? RunRequest.EpochsBetween(StepsPerEpoch);

    /// <summary>Steps of a whole epoch.</summary>
    public int StepsPerEpoch => _batches.StepsPerEpoch;

    /// <summary>How many later steps start before a step is reported; fewer at an epoch's end.</summary>
    internal int Lag => _pending.Lag;

    /// <summary>Tells whether a run of any length draws a grid after this epoch.</summary>
    public bool IsSampled(int epoch) => epoch % SampleEvery == 0;

    /// <summary>Restores a checkpoint's state.</summary>
    /// <param name="from">A checkpoint of the same run, perhaps of another length and on another device.</param>
    /// <exception cref="GanException">Data: it lacks something. Usage: it has more steps than the run.</exception>
    public void Resume(Checkpoint from)
    {
        ulong position = VisitState(from);
        if (_step > TotalSteps)
        {
            throw new GanException(
                ExitCode.Usage,
                $"{from.Path} has {_step:N0} steps behind it, and the run would end after {TotalSteps:N0}. Give more --epochs or --steps.");
        }
        _reals = _batches.ResumeAfter(position, _stepsOfEpoch);
        (_resumed, _savedStep) = (true, _step);
    }

    /// <summary>Asks for a checkpoint after the step that is under way; training goes on. Can be called from any thread.</summary>
    public void RequestCheckpoint() => _checkpointIsAsked = true;

    /// <summary>Trains to the end, or until <paramref name="stop"/>, which is heard between steps.</summary>
    /// <param name="sink">Receives steps, epochs, samples and states. Its Begin and End are the caller's to call.</param>
    /// <param name="stop">Stops the run.</param>
    /// <returns>Whether the run was completed.</returns>
    /// <exception cref="GanException">Diverged: a loss became NaN or infinite.</exception>
    public bool Run(IRunSink sink, CancellationToken stop)
    {
        if (!_resumed)
            sink.Sampled(0, Sample());
        else if (_step == TotalSteps && _stepsOfEpoch == 0 && !IsSampled(Epochs))
            sink.Sampled(Epochs, Sample()); // the last grid of a run that had ended here; a longer run has none
        while ((_step < TotalSteps || _stepsOfEpoch > 0) && !TrainEpoch(sink, stop))
        {
            // the next one
        }
        return _step == TotalSteps;
    }

    /// <summary>Trains to the end of an epoch, or of the run.</summary>
    /// <returns>Whether it was stopped before.</returns>
    private bool TrainEpoch(IRunSink sink, CancellationToken stop)
    {
        int epoch = Epochs + 1, pictures = 0;
        int steps = Math.Min(StepsPerEpoch, TotalSteps - ((epoch - 1) * StepsPerEpoch));
        long began = Stopwatch.GetTimestamp();
        bool stopped = false;
        while (_stepsOfEpoch < steps && !(stopped = stop.IsCancellationRequested))
        {
            Release();
            _reals = _batches.Next(_stepsOfEpoch);
            _runner.Run(_step, _reals, _pending.Add(_step + 1), measuresNorms: _stepsOfEpoch == steps - 1);
            _stepsOfEpoch++;
            _step++;
            for (int i = 0; i < _reals.Length / (Recipe.IsConditional ? 2 : 1); i++)
                pictures += _reals[i].Shape.Rows;
            Read(Lag, sink);
            if (Lag == 0 || _step % DivergenceInterval == 0)
                Divergence.Require(Model, StepsPerEpoch);
            if (_checkpointIsAsked && _stepsOfEpoch < steps)
                SaveWithinEpoch(sink);
        }
        Read(0, sink); // an epoch's report lacks none of its steps
        Divergence.Require(Model, StepsPerEpoch);
        bool whole = _stepsOfEpoch == StepsPerEpoch;
        if (!whole)
            Save(sink); // before the log of a part of an epoch draws noise
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (_stepsOfEpoch > 0)
        {
            var mean = _sum.Mean(_stepsOfEpoch);
            var log = _runner.RunsRecipesStep ? Recipe.Log(mean, _last.Mean(1), Model, _reals[^1], _noise) : mean;
            var collapse = _detector.Look(mean, whole ? epoch : null);
            bool hasNorms = whole || _step == TotalSteps;
            sink.Epoch(new EpochReport(epoch, _step, whole, hasNorms, mean, log, collapse, seconds, pictures / seconds));
            if (Request.AbortOn == Abortion.Collapse)
                RequireAlive(collapse, mean, epoch);
            if (IsSampled(epoch) || _step == TotalSteps || stopped)
                sink.Sampled(epoch, Sample());
        }
        _stepsOfEpoch = 0;
        _sum.Clear();
        _last.Clear();
        Release();
        if (whole && (epoch % CheckpointEvery == 0 || _step == TotalSteps || _checkpointIsAsked))
            Save(sink);
        return stopped;
    }

    private void SaveWithinEpoch(IRunSink sink)
    {
        Read(0, sink); // the state has the sums of all its steps
        Divergence.Require(Model, StepsPerEpoch);
        Save(sink);
    }

    private void Save(IRunSink sink)
    {
        _checkpointIsAsked = false;
        if (_step == _savedStep)
            return;
        _savedStep = _step;
        _snapshot.Writing.Wait(); // of the last checkpoint
        _snapshot.Prerequisites.Clear();
        VisitState(_snapshot);
        sink.State(_step, _snapshot);
    }

    /// <summary>Saves or restores everything that training changes.</summary>
    /// <returns>The position in the data to resume from.</returns>
    private ulong VisitState(IStateVisitor visitor)
    {
        Model.VisitState(visitor);
        _noise.VisitState(visitor);
        _detector.VisitState(visitor);
        visitor.VisitTensor("fixed_noise", _fixedNoise);
        _step = (int)visitor.VisitInt64("step", _step);
        _stepsOfEpoch = (int)visitor.VisitInt64("step_of_epoch", _stepsOfEpoch);
        _sum.VisitState(visitor, "sum.");
        _last.VisitState(visitor, "last.");
        return (ulong)visitor.VisitInt64("data.position", (long)_batches.PositionAfter(_stepsOfEpoch));
    }

    private void Release()
    {
        foreach (var real in _reals)
            real.Dispose();
        _reals = [];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        _fixedNoise.Dispose();
        _fixedLabels?.Dispose();
        _detector.Dispose();
        _batches.Dispose();
        _noise.Dispose();
        _runner.Dispose();
        Model.Dispose();
    }

    /// <summary>Returns the steps of a run.</summary>
    public static int StepsOf(Recipe recipe, RunRequest request, int stepsPerEpoch)
    {
        int? epochs = request.Epochs, steps = request.Steps;
        if (epochs is null && steps is null)
            (epochs, steps) = (recipe.Epochs, recipe.Steps);
        long byEpochs = epochs is { } e ? (long)e * stepsPerEpoch : long.MaxValue;
        return (int)Math.Min(Math.Min(byEpochs, steps ?? int.MaxValue), int.MaxValue);
    }

    /// <exception cref="GanException">
    /// Usage: the pictures have another size than the recipe takes, or lack the classes that it needs.
    /// </exception>
    private static void RequireFit(Recipe recipe, ImageSet images, bool isAskedFor)
    {
        if (!recipe.Takes(images.Shape))
        {
            throw new GanException(
                ExitCode.Usage,
                $"{recipe.Name} makes pictures of {recipe.SizesInWords}, and those of {images.Name} are {images.Shape}. "
                + $"Scale them, as by --resolution {recipe.Sides![0]}.");
        }
        if (recipe.IsConditional && images.Labels is null)
        {
            throw new GanException(
                ExitCode.Usage,
                $"{recipe.Name} is asked for pictures by class, and {images.Where} has no classes. Put the pictures of each class into a "
                + $"folder of its own, or {(isAskedFor ? "leave --conditional out" : "take another --recipe")}.");
        }
    }

    private float[] Sample() => Model.Sample(_fixedNoise, Recipe.SamplePass, _fixedLabels);

    /// <summary>Reads the metrics of all steps but the newest.</summary>
    private void Read(int unread, IRunSink sink)
    {
        while (_pending.TryRead(unread, out int step, out var metrics))
        {
            Divergence.Require(Model, StepsPerEpoch, metrics, step);
            _last.CopyFrom(metrics);
            _sum.Add(metrics);
            int epoch = (step - 1) / StepsPerEpoch;
            sink.Step(new TrainingPosition(epoch + 1, step - (epoch * StepsPerEpoch), StepsPerEpoch, step, TotalSteps), metrics);
        }
    }

    private void RequireAlive(CollapseReport collapse, MetricValues mean, int epoch)
    {
        foreach (var diagnosis in collapse.Diagnoses)
        {
            if (diagnosis is Diagnosis.GeneratorCollapsed or Diagnosis.DiscriminatorDead or Diagnosis.GeneratorDead)
            {
                throw new GanException(
                    ExitCode.Diverged,
                    $"Stopped after epoch {epoch}, as --abort-on collapse asks for. "
                    + $"{CollapseDetector.Describe(diagnosis, mean, collapse)} {Advice.Against(diagnosis, this)}");
            }
        }
    }
}
