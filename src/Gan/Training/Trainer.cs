using System.Diagnostics;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>What a training run is to do, everything resolved.</summary>
public sealed record TrainingPlan
{
    /// <summary>What trains.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The pictures.</summary>
    public required ImageSet Images { get; init; }

    /// <summary>How many of the pictures are used.</summary>
    public required int ImagesUsed { get; init; }

    /// <summary>Pictures in a batch.</summary>
    public required int Batch { get; init; }

    /// <summary>In place of the recipe's own learning rates.</summary>
    public float? LearningRate { get; init; }

    /// <summary>What is played for; the recipe's own unless given.</summary>
    public Objective Objective { get => field ?? Recipe.Objective; init; }

    /// <summary>The seed of everything random.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Epochs to train, or null.</summary>
    public int? Epochs { get; init; }

    /// <summary>Steps to train, or null. With epochs too, whichever comes first ends the run; with neither, the recipe's own length does.</summary>
    public int? Steps { get; init; }

    /// <summary>Pictures in a sample grid.</summary>
    public required int Samples { get; init; }

    /// <summary>Epochs from one grid to the next.</summary>
    public int SampleEvery { get; init; } = 1;

    /// <summary>Epochs from one checkpoint to the next; there is one at the end of a run as well.</summary>
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>Whether a network that is dead, or a generator that has collapsed, ends training.</summary>
    public bool AbortOnCollapse { get; init; }

    /// <summary>Whether every run under these settings draws a grid after this epoch, whatever its length.</summary>
    public bool IsSampled(int epoch) => epoch % SampleEvery == 0;
}

/// <summary>The means over one epoch, or over the last part of one.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Step">Steps done in all.</param>
/// <param name="Mean">Mean losses and accuracies; the last step's gradient norms.</param>
/// <param name="Log">What the recipe's own log shows.</param>
/// <param name="Watch">What the losses don't show.</param>
/// <param name="Seconds">How long the epoch's steps took.</param>
/// <param name="ImagesPerSecond">Real pictures trained on a second.</param>
public sealed record EpochReport(int Epoch, int Step, StepResult Mean, StepResult Log, CollapseReport Watch, double Seconds, double ImagesPerSecond);

/// <summary>Where a training step stands in the run.</summary>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="StepOfEpoch">Steps of this epoch that are done.</param>
/// <param name="StepsPerEpoch">Steps of a whole epoch.</param>
/// <param name="Step">Steps done in all.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
public readonly record struct TrainingPosition(int Epoch, int StepOfEpoch, int StepsPerEpoch, int Step, int TotalSteps);

/// <summary>Hears of a run as it goes.</summary>
public interface ITrainingListener
{
    /// <summary>A step's result was read; on a device that lags, later steps have begun. Called often: it must be quick.</summary>
    /// <param name="position">Where that step stands.</param>
    /// <param name="result">What it found.</param>
    void Stepped(TrainingPosition position, StepResult result);

    /// <summary>An epoch, or the last part of one, was done.</summary>
    void EpochEnded(EpochReport report);

    /// <summary>Pictures [N, pixels] in the recipe's pixel range from the fixed noise: after so many epochs, 0 before training.</summary>
    void Sampled(int epoch, ReadOnlySpan<float> pictures);

    /// <summary>
    /// A checkpoint is due. Of an epoch that isn't over nothing was reported yet: a run that goes on from here reports the whole of it.
    /// </summary>
    /// <param name="step">Steps that were done.</param>
    /// <param name="state">Visits all that training needs to resume. To be called now: training changes it afterwards.</param>
    void CheckpointDue(int step, Action<IStateVisitor> state);
}

/// <summary>The two-network loop: batches, steps, means, samples, checkpoints.</summary>
public sealed class Trainer : IDisposable
{
    private const int FaultsLookedForEvery = 32; // where looking means waiting for a device; a fault keeps its step

    private readonly TrainingPlan _plan;
    private readonly Batches _batches;
    private readonly TrainingNoise _noise;
    private readonly Tensor _fixedNoise;
    private readonly CollapseDetector _watch;
    private readonly Queue<(TrainingPosition Position, LateStepResult Result)> _pending;
    private bool _resumed;
    private Tensor[] _reals = [];
    private int _step, _stepsOfEpoch, _savedStep;
    private StepResult _sum, _last;

    /// <summary>A run that has not begun: new networks on the device.</summary>
    public Trainer(TrainingPlan plan, Device device)
    {
        _plan = plan;
        var objective = plan.Objective;
        _batches = new Batches(
            plan.Images, plan.ImagesUsed, plan.Recipe, plan.Batch, device, SeedStream.Data.Of(plan.Seed), objective.DiscriminatorSteps, objective.Pack);
        _noise = new TrainingNoise(plan.Recipe, device, plan.Seed);
        Model = new GanModel(plan.Recipe, device, _batches.Pixels, plan.Seed, plan.LearningRate, plan.Batch, objective);
        _fixedNoise = _noise.Fixed(plan.Samples);
        _watch = new CollapseDetector(Model, _batches, plan.ImagesUsed, plan.Seed);
        TotalSteps = StepsOf(plan, _batches.StepsPerEpoch);
        Lag = LagOn(device);
        _pending = new(Lag + 1);
    }

    /// <summary>The networks.</summary>
    public GanModel Model { get; }

    /// <summary>Steps of the whole run.</summary>
    public int TotalSteps { get; }

    /// <summary>Steps that were done.</summary>
    public int Step => _step;

    /// <summary>Whole epochs that were done.</summary>
    public int Epochs => _step / StepsPerEpoch;

    /// <summary>What was wrong at the last epoch's end.</summary>
    public IReadOnlyList<Diagnosis> Diagnoses => _watch.Diagnoses;

    /// <summary>Steps of a whole epoch.</summary>
    public int StepsPerEpoch => _batches.StepsPerEpoch;

    /// <summary>How many later steps begin before the listener hears of one; fewer at an epoch's end.</summary>
    internal int Lag { get; init; }

    /// <summary>Takes the state of a checkpoint on, in place of a beginning.</summary>
    /// <param name="from">Of a run under the same plan, but perhaps for another length and on another device.</param>
    /// <exception cref="GanException">Data: it lacks something. Usage: it has more steps than the plan.</exception>
    public void Resume(Checkpoint from)
    {
        ulong position = VisitState(from);
        if (_step > TotalSteps)
        {
            throw new GanException(
                ExitCode.Usage, $"{from.Path} has {_step:N0} steps behind it, and the run would end after {TotalSteps:N0}. Give more --epochs or --steps.");
        }
        _reals = _batches.ResumeAfter(position, _stepsOfEpoch);
        (_resumed, _savedStep) = (true, _step);
    }

    /// <summary>Trains to the end, or until <paramref name="stop"/>, which is heard between steps.</summary>
    /// <returns>Whether the run came to its end.</returns>
    /// <exception cref="GanException">A loss became NaN or infinite (diverged).</exception>
    public bool Run(ITrainingListener listener, CancellationToken stop)
    {
        if (!_resumed)
            listener.Sampled(0, Sample());
        else if (_step == TotalSteps && _stepsOfEpoch == 0 && !_plan.IsSampled(Epochs))
            listener.Sampled(Epochs, Sample()); // the last grid of a run that had ended here, which a longer one hasn't
        while ((_step < TotalSteps || _stepsOfEpoch > 0) && !TrainEpoch(listener, stop))
        {
            // the next one
        }
        return _step == TotalSteps;
    }

    /// <summary>Trains to an epoch's end, or the run's.</summary>
    /// <returns>Whether it was stopped before.</returns>
    private bool TrainEpoch(ITrainingListener listener, CancellationToken stop)
    {
        int epoch = Epochs + 1, pictures = 0;
        int steps = Math.Min(StepsPerEpoch, TotalSteps - ((epoch - 1) * StepsPerEpoch));
        long began = Stopwatch.GetTimestamp();
        bool stopped = false;
        while (_stepsOfEpoch < steps && !(stopped = stop.IsCancellationRequested))
        {
            Model.MeasureGradients = _stepsOfEpoch == steps - 1;
            Release();
            _reals = _batches.Next(_stepsOfEpoch);
            Model.GeneratorAdam.TrainingStep = Model.DiscriminatorAdam.TrainingStep = _step + 1;
            var result = Model.Step(_reals, _noise, (double)_step / TotalSteps);
            _stepsOfEpoch++;
            _step++;
            foreach (var real in _reals)
                pictures += real.Shape.Rows;
            _pending.Enqueue((new TrainingPosition(epoch, _stepsOfEpoch, StepsPerEpoch, _step, TotalSteps), result));
            Read(Lag, listener);
            if (Lag == 0 || _step % FaultsLookedForEvery == 0)
                Divergence.Require(Model, StepsPerEpoch);
        }
        Read(0, listener); // an epoch's report lacks none of its steps
        Divergence.Require(Model, StepsPerEpoch);
        bool whole = _stepsOfEpoch == StepsPerEpoch;
        if (!whole)
            Save(listener); // before the log of a part of an epoch draws noise
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (_stepsOfEpoch > 0)
        {
            var mean = _sum.Mean(_stepsOfEpoch);
            var log = Model.KeepsOwnStep ? _plan.Recipe.Log(mean, _last, Model, _reals[^1], _noise) : mean;
            var watch = _watch.Look(mean, whole ? epoch : null);
            listener.EpochEnded(new EpochReport(epoch, _step, mean, log, watch, seconds, pictures / seconds));
            if (_plan.AbortOnCollapse)
                RequireAlive(watch, mean, epoch);
            if (_plan.IsSampled(epoch) || _step == TotalSteps || stopped)
                listener.Sampled(epoch, Sample());
        }
        _stepsOfEpoch = 0;
        (_sum, _last) = (default, default);
        Release();
        if (whole && (epoch % _plan.CheckpointEvery == 0 || _step == TotalSteps))
            Save(listener);
        return stopped;
    }

    private void Save(ITrainingListener listener)
    {
        if (_step == _savedStep)
            return;
        _savedStep = _step;
        listener.CheckpointDue(_step, visitor => VisitState(visitor));
    }

    /// <summary>Visits everything that training changes.</summary>
    /// <returns>The position in the data to go on from.</returns>
    private ulong VisitState(IStateVisitor visitor)
    {
        Model.VisitState(visitor);
        _noise.VisitState(visitor);
        _watch.VisitState(visitor);
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
        _watch.Dispose();
        Model.Dispose();
    }

    /// <summary>How many steps late a result is read: some on a device that works behind the caller, none elsewhere.</summary>
    internal static int LagOn(Device device) => device is AcceleratorDevice { IsImmediate: false } ? 4 : 0;

    /// <summary>Steps of a run under this plan.</summary>
    public static int StepsOf(TrainingPlan plan, int stepsPerEpoch)
    {
        int? epochs = plan.Epochs, steps = plan.Steps;
        if (epochs is null && steps is null)
            (epochs, steps) = (plan.Recipe.Epochs, plan.Recipe.Steps);
        long byEpochs = epochs is { } e ? (long)e * stepsPerEpoch : long.MaxValue;
        return (int)Math.Min(Math.Min(byEpochs, steps ?? int.MaxValue), int.MaxValue);
    }

    private float[] Sample() => Model.Sample(_fixedNoise, _plan.Recipe.SamplePass);

    /// <summary>Reads the results of all steps but the newest ones.</summary>
    private void Read(int unread, ITrainingListener listener)
    {
        while (_pending.Count > unread)
        {
            var (position, late) = _pending.Dequeue();
            _last = late.Resolve();
            Divergence.Require(Model, StepsPerEpoch, _last, position.Step);
            _sum.Add(_last);
            listener.Stepped(position, _last);
        }
    }

    private static void RequireAlive(CollapseReport watch, StepResult mean, int epoch)
    {
        foreach (var diagnosis in watch.Diagnoses)
        {
            if (diagnosis is Diagnosis.GeneratorCollapsed or Diagnosis.DiscriminatorDead or Diagnosis.GeneratorDead)
            {
                throw new GanException(
                    ExitCode.Diverged, $"Stopped after epoch {epoch}, as --abort-on collapse asks for. {CollapseDetector.Describe(diagnosis, mean, watch)}");
            }
        }
    }
}
