using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Models;

/// <summary>The exponential moving average of a network's weights and running statistics (Yazıcı et al., 2019).</summary>
internal sealed class ExponentialMovingAverage
{
    private readonly (Tensor Average, Tensor Latest)[] _pairs;
    private readonly float _decay;
    private int _steps;

    /// <summary>Starts an average at the network's present weights.</summary>
    /// <param name="network">The network to average.</param>
    /// <param name="average">A network of the same layers, to hold the average.</param>
    /// <param name="decay">The decay of the average in a step.</param>
    public ExponentialMovingAverage(Sequential network, Sequential average, float decay)
    {
        _decay = decay;
        Network = average;
        _pairs =
        [
            .. average.Parameters.Concat(average.Statistics)
                .Zip(network.Parameters.Concat(network.Statistics), (mean, latest) => (mean.Value, latest.Value)),
        ];
        foreach (var (mean, latest) in _pairs)
            Elementwise.Map(default(Identity), latest, mean);
    }

    /// <summary>The averaged network.</summary>
    public Sequential Network { get; }

    /// <summary>Saves or restores the average and its number of steps.</summary>
    public void VisitState(IStateVisitor visitor, string prefix)
    {
        Network.VisitState(visitor, prefix);
        _steps = (int)visitor.VisitInt64($"{prefix}steps", _steps);
    }

    /// <summary>
    /// Moves the average towards the network. The decay starts lower, at (1 + n) / (10 + n), or the first weights would stay for thousands
    /// of steps.
    /// </summary>
    public void Follow()
    {
        if (_pairs[0].Average.Device is AcceleratorDevice { IsRecording: true } device)
            MovingAverage.Move(_pairs, 0f, device.Vary(this, 1, numbers => numbers[0] = NextDecay()));
        else
            MovingAverage.Move(_pairs, NextDecay());
    }

    private float NextDecay()
    {
        float decay = Math.Min(_decay, (1f + _steps) / (10f + _steps));
        _steps++;
        return decay;
    }
}
