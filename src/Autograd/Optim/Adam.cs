using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Autograd;

/// <summary>
/// Adam (Kingma and Ba, 2015, Algorithm 1): p -= learningRate · m̂ / (√v̂ + epsilon). It keeps two moments for each parameter, and one step counter.
/// </summary>
public sealed class Adam : IDisposable
{
    private readonly Parameter[] _parameters;
    private readonly AdamSlot[] _slots;
    private readonly Tensor _faults;
    private readonly StepCounter _counter;
    private readonly float _beta1, _beta2, _epsilon;

    /// <summary>An optimiser of these parameters, its moments at zero.</summary>
    /// <param name="parameters">What it changes: one or more, from the network's start to its end.</param>
    /// <param name="learningRate">The step size.</param>
    /// <param name="beta1">Decay of the mean of gradients.</param>
    /// <param name="beta2">Decay of the mean of squared gradients.</param>
    /// <param name="epsilon">Added to the root of the squared mean, after its bias correction.</param>
    /// <param name="counter">What counts the updates for the bias correction; its own unless given.</param>
    public Adam(
        Parameter[] parameters, float learningRate, float beta1 = 0.9f, float beta2 = 0.999f, float epsilon = 1e-8f, StepCounter? counter = null)
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

    /// <summary>The step size of the next updates.</summary>
    public float LearningRate { get; set; }

    /// <summary>
    /// What a fault is marked with: the training step's number. More than 0; above 2²⁴, where a float has no longer each whole number, it is rounded.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is 0 or less.</exception>
    public int Mark
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 1;

    /// <summary>
    /// The first fault: a parameter with a NaN or an infinity in it or in its second moment after an update, and the mark of that update; null while all is
    /// finite. Of several in one update it is that of the parameter nearest to the network's end, from where gradients come. Waits for the device.
    /// </summary>
    public (Parameter Parameter, int Mark)? Fault
    {
        get
        {
            (Parameter Parameter, int Mark)? first = null;
            float[] marks = _faults.ToArray();
            for (int i = 0; i < marks.Length; i++)
            {
                if (marks[i] != 0 && (first is null || marks[i] <= first.Value.Mark))
                    first = (_parameters[i], (int)marks[i]);
            }
            return first;
        }
    }

    /// <summary>Updates made so far, by all optimisers that share the counter.</summary>
    public int Steps => _counter.Steps;

    /// <summary>Walks over the moments and the step counter.</summary>
    /// <param name="walk">Notes them, or puts them back.</param>
    /// <param name="prefix">What their names begin with.</param>
    public void Walk(IStateWalk walk, string prefix)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            walk.Tensor($"{prefix}mean.{_parameters[i].Name}", _slots[i].Mean);
            walk.Tensor($"{prefix}square.{_parameters[i].Name}", _slots[i].Square);
        }
        _counter.Steps = (int)walk.Whole($"{prefix}steps", _counter.Steps);
    }

    /// <summary>Hands the moments' storage back, and the faults'.</summary>
    public void Dispose()
    {
        _faults.Dispose();
        foreach (var slot in _slots)
        {
            slot.Mean.Dispose();
            slot.Square.Dispose();
        }
    }

    /// <summary>One update of every parameter.</summary>
    public void Step(Gradients gradients)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            var (value, product) = gradients.ForUpdate(_parameters[i]);
            _slots[i] = _slots[i] with { Gradient = value, Product = product };
        }
        _counter.Steps++;
        double correction1 = 1 - Math.Pow(_beta1, Steps), correction2 = 1 - Math.Pow(_beta2, Steps);
        AdamStep.Run(_slots, new AdamNumbers(
            (float)(LearningRate / correction1), _beta1, _beta2, (float)(1 / Math.Sqrt(correction2)), _epsilon, Mark), _faults);
    }
}

/// <summary>Counts updates. Two optimisers that share one, as where one Keras object serves two networks, count each other's too.</summary>
public sealed class StepCounter
{
    /// <summary>Updates so far.</summary>
    public int Steps { get; internal set; }
}
