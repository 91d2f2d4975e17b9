using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// Adam (Kingma and Ba, 2015, Algorithm 1): p -= learningRate · m̂ / (√v̂ + epsilon). It keeps two moments for each parameter, and one step
/// counter.
/// </summary>
public sealed class Adam : IDisposable
{
    private readonly Parameter[] _parameters;
    private readonly AdamSlot[] _slots;
    private readonly Tensor _faults;
    private readonly StepCounter _counter;
    private readonly float _beta1, _beta2, _epsilon;

    /// <summary>Makes an optimiser, its moments at zero.</summary>
    /// <param name="parameters">The parameters that it updates: one or more, in the network's order.</param>
    /// <param name="learningRate">The step size.</param>
    /// <param name="beta1">Decay of the mean of gradients.</param>
    /// <param name="beta2">Decay of the mean of squared gradients.</param>
    /// <param name="epsilon">Added to the root of the squared mean, after its bias correction.</param>
    /// <param name="counter">Counts the updates for the bias correction; null for a counter of its own.</param>
    public Adam(
        Parameter[] parameters,
        float learningRate,
        float beta1 = 0.9f,
        float beta2 = 0.999f,
        float epsilon = 1e-8f,
        StepCounter? counter = null)
    {
        _counter = counter ?? new StepCounter();
        _parameters = parameters;
        _beta1 = beta1;
        _beta2 = beta2;
        _epsilon = epsilon;
        LearningRate = learningRate;
        _faults = Tensor.Filled(parameters[0].Value.Device, new Shape(parameters.Length), 0f);
        _slots = new AdamSlot[parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
        {
            var value = parameters[i].Value;
            _slots[i] = new AdamSlot(
                value, value, Tensor.Filled(value.Device, value.Shape, 0f), Tensor.Filled(value.Device, value.Shape, 0f));
        }
    }

    /// <summary>The step size of an update that is given none.</summary>
    public float LearningRate { get; }

    /// <summary>
    /// The first parameter that held a NaN or an infinity, itself or in its second moment, after an update, and the number of the
    /// training step of that update; null while all numbers are finite. Of several in one update it is the one nearest to the network's
    /// output, where gradients start. Waits for the device.
    /// </summary>
    public (Parameter Parameter, int Step)? FirstNonFinite
    {
        get
        {
            (Parameter Parameter, int Step)? first = null;
            float[] steps = _faults.ToArray();
            for (int i = 0; i < steps.Length; i++)
            {
                if (steps[i] != 0 && (first is null || steps[i] <= first.Value.Step))
                    first = (_parameters[i], (int)steps[i]);
            }
            return first;
        }
    }

    /// <summary>Updates made so far, by all optimisers that share the counter.</summary>
    public int Steps => _counter.Steps;

    /// <summary>Visits the moments and the step counter.</summary>
    /// <param name="visitor">Saves or restores them.</param>
    /// <param name="prefix">Precedes their names.</param>
    public void VisitState(IStateVisitor visitor, string prefix)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            visitor.VisitTensor($"{prefix}mean.{_parameters[i].Name}", _slots[i].Mean);
            visitor.VisitTensor($"{prefix}square.{_parameters[i].Name}", _slots[i].Square);
        }
        _counter.Steps = (int)visitor.VisitInt64($"{prefix}steps", _counter.Steps);
    }

    /// <summary>Returns its storage to the device's pool.</summary>
    public void Dispose()
    {
        _faults.Dispose();
        foreach (var slot in _slots)
        {
            slot.Mean.Dispose();
            slot.Square.Dispose();
        }
    }

    /// <summary>Updates every parameter.</summary>
    /// <param name="gradients">The gradients of all parameters.</param>
    /// <param name="learningRate">The step size; <see cref="LearningRate"/> if null.</param>
    /// <param name="trainingStep">
    /// The number of the training step, from 1, which <see cref="FirstNonFinite"/> reports; numbers above 2²⁴ are rounded.
    /// </param>
    /// <exception cref="InvalidOperationException">A parameter was not a target.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number is 0 or less.</exception>
    public void Step(Gradients gradients, float? learningRate = null, int trainingStep = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trainingStep);
        Prepare(gradients);
        AdamStep.Run(_slots, Next(learningRate ?? LearningRate, trainingStep), _faults);
    }

    /// <summary>Updates every parameter, at a rate that changes from step to step.</summary>
    /// <param name="gradients">The gradients of all parameters.</param>
    /// <param name="rateFactor">The factor of <see cref="LearningRate"/>.</param>
    /// <param name="trainingStep">The number of the training step, from 1, which <see cref="FirstNonFinite"/> reports.</param>
    /// <exception cref="InvalidOperationException">A parameter was not a target.</exception>
    public void Step(Gradients gradients, StepScalar rateFactor, StepScalar trainingStep)
    {
        if (_faults.Device is not AcceleratorDevice { IsRecording: true } device)
        {
            Step(gradients, LearningRate * rateFactor.Current, (int)trainingStep.Current);
            return;
        }
        Prepare(gradients);
        var at = Replayed(device, rateFactor, trainingStep);
        AdamStep.Run(_slots, new AdamNumbers(0f, _beta1, _beta2, 0f, _epsilon, 0f), _faults, at);
    }

    // In a method of its own: one with a lambda allocates whether it needs it or not.
    private Varying Replayed(AcceleratorDevice device, StepScalar rateFactor, StepScalar trainingStep) => device.Vary(
        this, AdamNumbers.VaryingCount,
        numbers => Next(LearningRate * rateFactor.Current, (int)trainingStep.Current).WriteVarying(numbers));

    private void Prepare(Gradients gradients)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            var (value, deferred) = gradients.ForUpdate(_parameters[i]);
            _slots[i] = _slots[i] with { Gradient = value, Deferred = deferred };
        }
    }

    /// <summary>Counts an update, and returns its numbers.</summary>
    private AdamNumbers Next(float rate, int trainingStep)
    {
        _counter.Steps++;
        double correction1 = 1 - Math.Pow(_beta1, Steps), correction2 = 1 - Math.Pow(_beta2, Steps);
        return new(
            (float)(rate / correction1), _beta1, _beta2, (float)(1 / Math.Sqrt(correction2)), _epsilon, trainingStep);
    }
}

/// <summary>Counts updates. Optimisers that share one count each other's too, as when one Keras object serves two networks.</summary>
public sealed class StepCounter
{
    /// <summary>Updates so far.</summary>
    public int Steps { get; internal set; }
}
